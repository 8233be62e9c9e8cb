"""Places among the fetchers, of which no host ever gets all."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

KEPT = 0.25  # share of the places that one host leaves to others


class Places:
    """So many fetches at once; first come, first served, but for hosts that have their share.

    A host that takes connections and never answers would otherwise hold every place, each for the whole
    time-out, and keep out pictures that are a matter of milliseconds.

    Args:
        total: places there are.
    """

    def __init__(self, total: int) -> None:
        self._free = total
        self._most = total - int(total * KEPT)
        self._taken: Counter[str] = Counter()
        self._waiting: deque[tuple[str, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def place(self, host: str) -> AsyncIterator[None]:
        """Hold one, for a picture of this host."""
        await self._turn(host)
        try:
            yield
        finally:
            self._leave(host)

    async def _turn(self, host: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((host, turn))
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave(host)  # it was let in, in the very step in which it was canceled
            else:
                self._waiting.remove((host, turn))
            raise

    def _leave(self, host: str) -> None:
        self._free += 1
        self._taken[host] -= 1
        if not self._taken[host]:
            del self._taken[host]
        self._admit()

    def _admit(self) -> None:
        for host, turn in tuple(self._waiting):
            if not self._free:
                return
            if self._taken[host] < self._most:
                self._waiting.remove((host, turn))
                self._free -= 1
                self._taken[host] += 1
                turn.set_result(None)
