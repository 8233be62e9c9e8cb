"""The end of the time that a leaving worker has to finish: what still goes on is cut short."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class CutShort(Exception):
    """The curfew fell."""


class Curfew:
    """Falls once, if ever."""

    def __init__(self) -> None:
        self._fell: float | None = None
        self._running: dict[asyncio.Timeout, float] = {}

    @asynccontextmanager
    async def over(self, extra: float = 0.0) -> AsyncIterator[None]:
        """Whatever runs in here is cut short so many seconds after the curfew falls.

        Raises:
            CutShort: it was.
        """
        try:
            async with asyncio.timeout_at(self._due(extra)) as limit:
                self._running[limit] = extra
                try:
                    yield
                finally:
                    del self._running[limit]
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise CutShort from error

    def fall(self) -> None:
        """From now on."""
        self._fell = asyncio.get_running_loop().time()
        for limit, extra in self._running.items():
            limit.reschedule(self._due(extra))

    def _due(self, extra: float) -> float | None:
        return None if self._fell is None else self._fell + extra
