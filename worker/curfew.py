"""The end of the time that a leaving worker has to finish: what still goes on is cut short."""

import asyncio
from types import TracebackType


class CutShort(Exception):
    """The curfew fell."""


class Curfew:
    """Falls once, if ever."""

    def __init__(self) -> None:
        self._fell: float | None = None
        self.running: dict[asyncio.Timeout, float] = {}

    def over(self, extra: float = 0.0) -> "Under":
        """Whatever runs in here is cut short so many seconds after the curfew falls, and raises CutShort."""
        return Under(self, extra)

    def fall(self) -> None:
        """From now on."""
        self._fell = asyncio.get_running_loop().time()
        for limit, extra in self.running.items():
            limit.reschedule(self.due(extra))

    def due(self, extra: float) -> float | None:
        """When it cuts short what has so many seconds more, by the loop's time; None before it fell."""
        return None if self._fell is None else self._fell + extra


class Under:
    """What runs under a curfew. Two for each picture: hence no generator."""

    __slots__ = ("_curfew", "_extra", "_limit")

    def __init__(self, curfew: Curfew, extra: float) -> None:
        self._curfew = curfew
        self._extra = extra

    async def __aenter__(self) -> None:
        self._limit = asyncio.timeout_at(self._curfew.due(self._extra))
        await self._limit.__aenter__()
        self._curfew.running[self._limit] = self._extra

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._curfew.running[self._limit]
        try:
            await self._limit.__aexit__(kind, error, trace)
        except TimeoutError as late:
            raise CutShort from late
