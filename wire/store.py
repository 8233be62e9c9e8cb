"""What is kept beyond a process: objects under keys. S3 here; the in-memory twin is `wire.memory`."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any, Protocol

from botocore.config import Config
from botocore.exceptions import ClientError, IncompleteReadError, ResponseStreamingError
from urllib3.exceptions import ProtocolError

from wire.aws import Aws, error_code
from wire.errors import QueueUnavailable
from wire.files import S3Files
from wire.settings import SettingsError

CONFLICT_ATTEMPTS = 4
ENDPOINT = (
    "AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL, or endpoint_url in AWS's own configuration file) must be "
    "a URL with its scheme, such as http://127.0.0.1:9000"
)
READ_ATTEMPTS = 3  # boto3 repeats a request, not the reading of a body that breaks off
BROKEN_OFF = (ResponseStreamingError, IncompleteReadError, ProtocolError)
BEYOND = {"InvalidRange", "416"}
DATE_LENGTH = 29  # characters of a Date header (RFC 9110, 5.6.7)
LOST = {"PreconditionFailed", "NoSuchKey", "404"}  # somebody else wrote first, or removed it


@dataclass(frozen=True, slots=True)
class Kept:
    """An object as it was read: `etag` changes with its bytes.

    `age` is in seconds since it was written, by the store's own clock, to the second.
    """

    data: bytes
    etag: str
    age: float


class Store(Protocol):
    """Objects under keys. Every call raises QueueUnavailable when the store cannot be reached."""

    async def put(self, key: str, data: bytes, content_type: str = "application/json") -> None:
        """Write the object, replacing one that is there."""

    async def put_new(self, key: str, data: bytes, content_type: str = "application/json") -> bool:
        """Write the object unless the key is taken; whether it was written by this call."""

    async def replace(
        self, key: str, data: bytes, etag: str | None, content_type: str = "application/json"
    ) -> str | None:
        """Write the object if it still is the one that was read; the new etag.

        No two writers may write the same bytes: whose write counted could not be told.

        Args:
            etag: what `read` or the last `replace` gave; None when there was no object.

        Returns:
            None when somebody else wrote or removed it meanwhile: nothing was written.
        """

    async def read(self, key: str) -> Kept | None:
        """The object with what `replace` needs, None when there is none."""

    async def read_newer(self, key: str, etag: str | None) -> Kept | None:
        """The object if it is another than the one with this etag, else None.

        Where there is none, an empty one without an etag stands for it.
        """

    async def get(self, key: str) -> bytes | None:
        """The object's bytes, None when there is none."""

    async def stretch(self, key: str, begin: int, size: int) -> bytes | None:
        """Up to `size` (1 or more) of its bytes from `begin` on, none beyond its end; None when there
        is no object."""

    async def delete(self, key: str) -> None:
        """Remove the object; nothing happens when there is none."""

    async def keys(self, prefix: str, limit: int = 1000, after: str = "") -> list[str]:
        """The first keys that begin with the prefix and come after another, in order."""


class S3Store:
    """A bucket; satisfies `Store`. `config` is what differs from the configuration of other clients."""

    def __init__(self, aws: Aws, bucket: str, config: Config | None = None) -> None:
        self._aws = aws
        self._config = config
        self._client: Any = None
        self._making = Lock()
        self._bucket = bucket

    def files(self) -> S3Files:
        """The way to objects that are too large for memory."""
        return S3Files(self._s3, self._bucket)

    async def prepare(self) -> None:
        """Make the client now, where else the first call would.

        Raises:
            SettingsError: the endpoint cannot be used.
            QueueUnavailable: boto3 cannot make it for another reason.
        """

        def prepared() -> None:
            try:
                self._s3()
            except ValueError as error:
                raise SettingsError(f"{error}: {ENDPOINT}") from error

        await self._aws.call(prepared)

    async def ensure_bucket(self, region: str) -> None:
        """Make the bucket where it is missing; an existing one is taken as it is."""
        place = {} if region == "us-east-1" else {"LocationConstraint": region}
        options: dict[str, Any] = {"CreateBucketConfiguration": place} if place else {}
        try:
            await self._call("create_bucket", **options)
        except ClientError as error:
            if error_code(error) not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise

    async def put(self, key: str, data: bytes, content_type: str = "application/json") -> None:
        await self._put(key, data, content_type)

    async def put_new(self, key: str, data: bytes, content_type: str = "application/json") -> bool:
        for attempt in range(CONFLICT_ATTEMPTS):
            try:
                await self._put(key, data, content_type, IfNoneMatch="*")
            except ClientError as error:
                # Whatever was sent before this request, by boto3 or by us, may have counted.
                again = attempt > 0 or _repeated(error)
                if error_code(error) == "PreconditionFailed":
                    return again and await self._own(key, data) is not None
                await _after_conflict(error, attempt)
            else:
                return True
        raise QueueUnavailable

    async def replace(
        self, key: str, data: bytes, etag: str | None, content_type: str = "application/json"
    ) -> str | None:
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        for attempt in range(CONFLICT_ATTEMPTS):
            try:
                return await self._put(key, data, content_type, **condition)
            except ClientError as error:
                if error_code(error) in LOST:
                    return await self._own(key, data)
                await _after_conflict(error, attempt)
        raise QueueUnavailable

    async def _own(self, key: str, data: bytes) -> str | None:
        # A write whose answer was lost is repeated by boto3, and refused because it had counted.
        kept = await self.read(key)
        return kept.etag if kept is not None and kept.data == data else None

    async def get(self, key: str) -> bytes | None:
        kept = await self.read(key)
        return None if kept is None else kept.data

    async def read(self, key: str) -> Kept | None:
        return await self._read(key)

    async def stretch(self, key: str, begin: int, size: int) -> bytes | None:
        try:
            kept = await self._read(key, Range=f"bytes={begin}-{begin + size - 1}")
        except ClientError as error:
            if error_code(error) in BEYOND:
                return b""
            raise
        return None if kept is None else kept.data

    async def _read(self, key: str, **about: str) -> Kept | None:
        def read() -> Kept:
            for _ in range(READ_ATTEMPTS - 1):
                with suppress(*BROKEN_OFF):
                    return _kept(self._s3().get_object(Bucket=self._bucket, Key=key, **about))
            return _kept(self._s3().get_object(Bucket=self._bucket, Key=key, **about))

        try:
            return await self._aws.call(read)
        except ClientError as error:
            if error_code(error) in {"NoSuchKey", "404"}:
                return None
            raise

    async def read_newer(self, key: str, etag: str | None) -> Kept | None:
        condition = {} if etag is None else {"IfNoneMatch": etag}

        def get() -> Kept:
            return _kept(self._s3().get_object(Bucket=self._bucket, Key=key, **condition))

        try:
            return await self._aws.call(get)
        except ClientError as error:
            if error_code(error) in {"304", "NotModified"}:
                return None
            if error_code(error) in {"NoSuchKey", "404"}:
                return Kept(b"", "", 0.0)
            raise

    async def delete(self, key: str) -> None:
        await self._call("delete_object", Key=key)

    async def keys(self, prefix: str, limit: int = 1000, after: str = "") -> list[str]:
        begin = {"StartAfter": after} if after else {}

        def listed() -> list[str]:
            pages = (
                self._s3()
                .get_paginator("list_objects_v2")
                .paginate(
                    Bucket=self._bucket,
                    Prefix=prefix,
                    PaginationConfig={"MaxItems": limit},
                    **begin,
                )
            )
            return [row["Key"] for page in pages for row in page.get("Contents", [])]

        return await self._aws.call(listed)

    async def _put(self, key: str, data: bytes, content_type: str, **condition: str) -> str:
        about = {"Key": key, "ContentType": content_type, **condition}
        return str((await self._call("put_object", Body=data, **about))["ETag"])

    async def _call(self, operation: str, **about: Any) -> Any:
        def call() -> Any:
            return getattr(self._s3(), operation)(Bucket=self._bucket, **about)

        return await self._aws.call(call)

    def _s3(self) -> Any:
        # Made by the first call and in its thread: a worker's first answers do not wait for it.
        with self._making:
            if self._client is None:
                self._client = self._aws.client("s3", self._config)
            return self._client


def _repeated(error: ClientError) -> bool:
    """Whether boto3 sent the request more than once, so that the first may have counted."""
    return bool(error.response["ResponseMetadata"].get("RetryAttempts", 0))


async def _after_conflict(error: ClientError, attempt: int) -> None:
    # 409: another conditional write to this key was under way; S3 asks to try again.
    if error_code(error) != "ConditionalRequestConflict":
        raise error
    await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311


def _kept(answer: Any) -> Kept:
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    written = answer["LastModified"]
    # A server and what it is served by may each say the date; joined, the last one counts.
    read = written if date is None else parsedate_to_datetime(date[-DATE_LENGTH:])
    age = max(0.0, (read - written).total_seconds())
    return Kept(bytes(answer["Body"].read()), str(answer["ETag"]), age)
