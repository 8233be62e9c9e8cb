"""The body of a request for a bulk job: bounded in bytes, in time, and in how many are in memory at once."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable

from starlette.requests import Request

from api.limits.places import Places
from api.uploads import Pace
from wire.errors import BodyTooLarge, RequestTimeout

SMALL = 64 * 1024  # bytes up to which a body counts as any other: most ask for one picture
BYTES = 8 * 1024 * 1024  # eight hundred for each of ten thousand rows
AT_ONCE, SHARE = 8, 2  # larger ones, in all and of one client
TOO_LARGE = f"The list has more than {BYTES} bytes; send several."
TOO_MANY = "Too many lists are being sent at once."

Take = Callable[[str | None], contextlib.AbstractContextManager[None]]
"""A place of a group's, for as long as the block runs; raises Overloaded, RateLimited."""


class Bodies:
    """Reads them.

    Args:
        place: for any body.
        limit: bytes that one may have.
        pace: how fast it must come.
    """

    def __init__(self, place: Take, limit: int = BYTES, pace: Pace | None = None) -> None:
        self._place = place
        self._limit = limit
        self._pace = pace or Pace()
        self._places = Places(AT_ONCE, SHARE, TOO_MANY)

    @contextlib.asynccontextmanager
    async def read(self, request: Request, group: str | None) -> AsyncGenerator[bytes, None]:
        """The whole body, and places for it while the block runs.

        Raises:
            BodyTooLarge, RequestTimeout
            Overloaded, RateLimited: as many are in memory as may be.
        """
        with contextlib.ExitStack() as held:
            held.enter_context(self._place(group))
            try:
                body = await self._read(
                    request, lambda: held.enter_context(self._places.take(group))
                )
            except TimeoutError:
                raise RequestTimeout from None
            yield body

    async def _read(self, request: Request, large: Callable[[], None]) -> bytes:
        announced = _announced(request)
        if announced > self._limit:
            raise BodyTooLarge(TOO_LARGE)
        is_large = announced > SMALL
        if is_large:
            large()
        began, body = asyncio.get_running_loop().time(), bytearray()
        async with asyncio.timeout_at(began + self._pace.allowed(0)) as limit:
            async for chunk in request.stream():
                body += chunk
                if len(body) > self._limit:
                    raise BodyTooLarge(TOO_LARGE)
                if len(body) > SMALL and not is_large:
                    is_large = True
                    large()
                limit.reschedule(began + self._pace.allowed(len(body)))
        return bytes(body)


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0
