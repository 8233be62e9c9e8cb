"""A picture out of a request's body: the bytes themselves, or the `file` of a form.

It is in memory only until the store has it: a thousand clients that wait must not hold a thousand
pictures.
"""

import asyncio
import contextlib
import hashlib
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from api.limits.places import Places
from wire.errors import (
    BodyTooLarge,
    InvalidParameter,
    QueueUnavailable,
    RequestTimeout,
    UnsupportedFormat,
)
from wire.names import upload_key
from wire.store import Store

FORM_ROOM = 64 * 1024  # bytes that a form may have around its picture
BOUNDARY = 70  # characters; RFC 2046, 5.1.1
AT_ONCE = 64
SHARE = 0.25  # of the places, that one caller holds at most
EMPTY = "The body is empty; send a picture's bytes."
STORING = 10.0  # seconds that a picture may take into the store

Naming = Callable[[bytes], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a body must come: whoever sends a byte now and then holds no place for long.

    `grace` seconds, `rate` bytes a second after that, and at most `most` seconds.
    """

    grace: float = 10.0
    rate: float = 16 * 1024.0
    most: float = 60.0

    def allowed(self, taken: int) -> float:
        """Seconds in which the next byte must have come when so many have."""
        return min(self.most, self.grace + taken / self.rate)


class Uploads:
    """Takes pictures that come as bytes.

    Args:
        store: where they are kept for the worker.
        max_bytes: bytes that a picture may have.
        at_once: pictures that may be in memory at the same time.
        pace: how fast a body must come.
        share: part of `at_once` that one caller has at most.
    """

    def __init__(
        self,
        store: Store,
        max_bytes: int,
        at_once: int = AT_ONCE,
        pace: Pace | None = None,
        share: float = SHARE,
    ) -> None:
        self._store = store
        self._max_bytes = max_bytes
        self._places = Places(at_once, max(1, int(at_once * share)))
        self._pace = pace or Pace()

    async def keep(self, request: Request, group: str | None = None) -> str:
        """Put the request's picture, at most `max_bytes`, into the store; its new id, a job's to be.

        Raises:
            BodyTooLarge: more bytes than the limit, announced or sent.
            UnsupportedFormat: there are no bytes at all.
            InvalidParameter: the form is broken, or has no picture in its field `file`.
            RequestTimeout: the body took too long to come.
            Overloaded: as many pictures are in memory as may be.
            RateLimited: as many of this group are.
            QueueUnavailable: the store cannot be reached.
        """
        name = str(uuid.uuid4())

        async def fresh(_picture: bytes) -> str:
            return name

        await self.offer(request, fresh, group)
        return name

    async def offer(self, request: Request, naming: Naming, group: str | None = None) -> None:
        """The same, with an id that depends on the picture; it is not stored when `naming` gives None."""
        with self._places.take(group):
            picture = await self._read(request)
            name = await naming(picture)
            if name is not None:
                await self._put(name, picture)

    def place(self, group: str | None) -> contextlib.AbstractContextManager[None]:
        """A place for a body that somebody else reads, while the block runs; raises as `body` does."""
        return self._places.take(group)

    @contextlib.asynccontextmanager
    async def body(
        self, request: Request, limit: int, group: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        """A request's whole body, at most `limit` bytes, and a place for it while the block runs.

        Raises:
            BodyTooLarge, RequestTimeout, Overloaded, RateLimited
        """

        async def read(came: Callable[[int], None]) -> bytes:
            return b"".join([chunk async for chunk in _bounded(request, limit, came)])

        with self._places.take(group):
            yield await self._paced(read)

    async def store(self, picture: bytes) -> str:
        """Put a picture into the store; its new id, a job's to be.

        Raises:
            UnsupportedFormat: there are no bytes at all.
            QueueUnavailable: the store cannot be reached.
        """
        if not picture:
            raise UnsupportedFormat(EMPTY)
        name = str(uuid.uuid4())
        await self._put(name, picture)
        return name

    async def _put(self, name: str, picture: bytes) -> None:
        try:
            async with asyncio.timeout(STORING):
                await self._store.put(upload_key(name), picture, "application/octet-stream")
        except TimeoutError:
            raise QueueUnavailable from None

    async def _read(self, request: Request) -> bytes:
        picture = await self._paced(lambda came: self._picture(request, came))
        if not picture:
            raise UnsupportedFormat(EMPTY)
        return picture

    async def _paced(self, read: Callable[[Callable[[int], None]], Awaitable[bytes]]) -> bytes:
        """What `read` gives, which tells how many bytes have come so far."""
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(began + self._pace.allowed(0)) as limit:

                def came(taken: int) -> None:
                    limit.reschedule(began + self._pace.allowed(taken))

                return await read(came)
        except TimeoutError:
            raise RequestTimeout from None

    async def _picture(self, request: Request, came: Callable[[int], None]) -> bytes:
        kind, options = parse_options_header(request.headers.get("content-type"))
        if kind == b"multipart/form-data":
            if not 1 <= len(options.get(b"boundary", b"")) <= BOUNDARY:
                raise InvalidParameter("The form cannot be read: its boundary is missing or long.")
            return await self._from_form(request, came)
        return b"".join([chunk async for chunk in _bounded(request, self._max_bytes, came)])

    async def _from_form(self, request: Request, came: Callable[[int], None]) -> bytes:
        body = _bounded(request, self._max_bytes + FORM_ROOM, came)
        parser = MultiPartParser(request.headers, body, max_files=1, max_fields=8)
        # In memory: a picture is at most a few megabytes and is wanted as a whole at once.
        parser.spool_max_size = self._max_bytes + FORM_ROOM
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise InvalidParameter(f"The form cannot be read: {error.message}") from error
        try:
            file = form.get("file")
            if set(form) != {"file"} or not isinstance(file, UploadFile):
                raise InvalidParameter(
                    "The form must have one field, `file`, that is a file; "
                    "the rest goes into the query."
                )
            if (file.size or 0) > self._max_bytes:
                raise BodyTooLarge
            return await file.read()
        finally:
            await form.close()


async def _bounded(
    request: Request, limit: int, came: Callable[[int], None]
) -> AsyncGenerator[bytes, None]:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise BodyTooLarge
    taken = 0
    async for chunk in request.stream():
        taken += len(chunk)
        if taken > limit:
            raise BodyTooLarge
        came(taken)
        yield chunk


def digest(picture: bytes) -> str:
    """By which a picture is known again."""
    return hashlib.sha256(picture).hexdigest()
