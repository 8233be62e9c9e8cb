"""Pictures in buckets of others: `s3://bucket/key`, of the buckets that the operator allows and no others.

The roles of this service can read what its operator lets them. A client must not have them read anything
else, in his place: front end and worker each ask the list. Keys are percent-encoded: they may hold what no
message may.
"""

import asyncio
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from botocore.config import Config
from botocore.exceptions import ClientError, IncompleteReadError, ResponseStreamingError
from urllib3.exceptions import ProtocolError

from wire.aws import Aws, error_code
from wire.errors import (
    BodyTooLarge,
    FetchTimeout,
    Forbidden,
    IncompleteBody,
    InvalidUrl,
    QueueUnavailable,
    UpstreamStatus,
    UpstreamUnreachable,
)

SCHEME = "s3://"
CALLS = 16  # pictures read at the same time
LONGEST = 3 * 1024 + 80  # characters: a key has 1024 bytes at most, each of them three when encoded
_PLACE = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL)
_PLAIN = re.compile(r"[!-~]*")
BROKEN_OFF = (ResponseStreamingError, IncompleteReadError, ProtocolError)
NOT_ALLOWED = "Pictures may not be had out of this bucket."
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Place:
    """An object, or all whose keys begin so."""

    bucket: str
    key: str

    @property
    def url(self) -> str:
        """As a job carries it."""
        return f"{SCHEME}{self.bucket}/{quote(self.key, safe='/-_.~')}"


def is_input(url: str) -> bool:
    """Whether it is meant as a place in a bucket."""
    return url.startswith(SCHEME)


def bucket(url: str) -> str:
    """Which bucket it is in, as a URL of it: to count by. "" where it is no place in any."""
    found = _PLACE.fullmatch(url)
    return f"{SCHEME}{found[1]}" if found else ""


def parse(url: str) -> Place:
    """Take it apart.

    Raises:
        InvalidUrl: it is no `s3://bucket/key`.
    """
    found = _PLACE.fullmatch(url) if len(url) <= LONGEST and _PLAIN.fullmatch(url) else None
    try:
        key = unquote(found[2] or "", errors="strict") if found else ""
    except UnicodeDecodeError:
        found = None
    if found is None or "\0" in key or len(key.encode()) > 1024:
        raise InvalidUrl("The url is no valid s3://bucket/key; its key is percent-encoded.")
    return Place(found[1], key)


class Allowed:
    """Which buckets may be read.

    Args:
        buckets: the operator's list.
        own: this deployment's bucket, which holds other clients' pictures and is refused whatever is listed.
    """

    def __init__(self, buckets: Collection[str], own: str) -> None:
        self._buckets = frozenset(buckets) - {own}

    def check(self, url: str) -> Place:
        """The place, if it may be read.

        Raises:
            InvalidUrl: it is none.
            Forbidden: the bucket is not on the list. One that does not exist is refused alike.
        """
        place = parse(url)
        if place.bucket not in self._buckets:
            raise Forbidden(NOT_ALLOWED)
        return place


class Inputs:
    """Reads those buckets, with threads and connections of its own: made when first needed, by most never.

    Args:
        region: of AWS.
        allowed: says which they are.
        max_bytes: that a picture may have.
        seconds: that a picture may take.
        calls: pictures read at the same time.
    """

    def __init__(
        self,
        region: str,
        allowed: Allowed,
        max_bytes: int,
        seconds: float = 15,
        calls: int = CALLS,
    ) -> None:
        self._region = region
        self._allowed = allowed
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._calls = calls
        # Two tries in the time of one picture: the thread of one that was given up is free soon after.
        self._config = Config(
            read_timeout=seconds / 2, retries={"mode": "standard", "total_max_attempts": 2}
        )
        self._aws: Aws | None = None
        self._client: Any = None
        self._making = Lock()

    def check(self, url: str) -> Place:
        """See `Allowed.check`."""
        return self._allowed.check(url)

    async def get(self, url: str) -> bytes:
        """An object's bytes. What its bucket does wrong is the picture's error, as of any host: an outage of
        it is none of this service's.

        Raises:
            InvalidUrl, Forbidden: as `check` does.
            BodyTooLarge: over the limit; nothing of it is read.
            UpstreamStatus: S3 has no such object, or does not let us read it.
            UpstreamUnreachable: S3 cannot be reached, fails, or throttles.
            FetchTimeout: it took too long.
            IncompleteBody: the connection broke off.
        """
        place = self._allowed.check(url)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._reached(lambda: self._read(place))
        except TimeoutError as error:
            raise FetchTimeout from error
        except QueueUnavailable as error:
            cut = isinstance(error.__cause__, BROKEN_OFF)
            raise (IncompleteBody if cut else UpstreamUnreachable) from error

    async def keys(self, url: str, limit: int) -> list[str]:
        """The keys under a prefix, in order, that hold anything; one more than `limit` at most.

        Raises:
            InvalidUrl, Forbidden: as `check` does.
            UpstreamStatus: S3 has no such bucket, or does not let us list it.
            QueueUnavailable: S3 cannot be reached.
        """
        place = self._allowed.check(url)
        return await self._reached(lambda: self._listed(place, limit))

    def _read(self, place: Place) -> bytes:
        answer = self._s3().get_object(Bucket=place.bucket, Key=place.key)
        body = answer["Body"]
        try:
            if answer["ContentLength"] > self._max_bytes:
                raise BodyTooLarge
            return bytes(body.read())
        finally:
            body.close()

    def _listed(self, place: Place, limit: int) -> list[str]:
        pages = self._s3().get_paginator("list_objects_v2")
        found: list[str] = []
        for page in pages.paginate(Bucket=place.bucket, Prefix=place.key):
            found += [row["Key"] for row in page.get("Contents", []) if row["Size"]]
            if len(found) > limit:
                break
        return found[: limit + 1]

    async def _reached(self, call: Callable[[], R]) -> R:
        try:
            if self._aws is None:
                self._aws = Aws(self._region, polls=1, calls=self._calls)
            return await self._aws.call(call)
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            raise UpstreamStatus(
                f"S3 answered {status or error_code(error)} instead of the picture."
            ) from error

    def _s3(self) -> Any:
        with self._making:
            if self._client is None:
                assert self._aws is not None  # noqa: S101  it runs this
                self._client = self._aws.client("s3", self._config)
            return self._client
