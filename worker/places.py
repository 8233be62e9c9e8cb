"""Places among the fetchers, of which no host and no caller ever gets all."""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

KEPT = 0.25  # share of the places that one host, or one group, leaves to others

Shares = Sequence[tuple[str, str]]
"""What a place is counted by."""


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """Somebody who waits, and what his place is counted by."""

    shares: Shares
    comes: asyncio.Future[None]


class Places:
    """So many fetches at once; first come, first served, but for hosts and groups that have their share.

    A host that takes connections and never answers would otherwise hold every place, each for the whole
    time-out, and keep out pictures that are a matter of milliseconds; and so would a caller who has names
    without end for it.

    Args:
        total: places there are.
    """

    def __init__(self, total: int) -> None:
        self._free = total
        self._most = total - int(total * KEPT)
        self._taken: Counter[tuple[str, str]] = Counter()
        self._waiting: deque[Turn] = deque()

    @asynccontextmanager
    async def place(self, host: str, group: str | None = None) -> AsyncIterator[None]:
        """Hold one, for a picture of this host that this message group sent; None is a group of its own."""
        shares: Shares = [("host", host)]
        if group is not None:
            shares = [*shares, ("group", group)]
        if self._waiting or not self._fits(shares):
            await self._come(shares)
        else:
            self._take(shares)
        try:
            yield
        finally:
            self._leave(shares)

    async def _come(self, shares: Shares) -> None:
        turn = Turn(shares, asyncio.get_running_loop().create_future())
        self._waiting.append(turn)
        self._admit()
        try:
            await turn.comes
        except asyncio.CancelledError:
            if turn.comes.done() and not turn.comes.cancelled():
                self._leave(shares)  # it was let in, in the very step in which it was canceled
            else:
                with contextlib.suppress(ValueError):  # passed over meanwhile
                    self._waiting.remove(turn)
            raise

    def _fits(self, shares: Shares) -> bool:
        return self._free > 0 and all(self._taken[share] < self._most for share in shares)

    def _take(self, shares: Shares) -> None:
        self._free -= 1
        self._taken.update(shares)

    def _leave(self, shares: Shares) -> None:
        self._free += 1
        for share in shares:
            self._taken[share] -= 1
            if not self._taken[share]:
                del self._taken[share]
        self._admit()

    def _admit(self) -> None:
        for turn in tuple(self._waiting):
            if not self._free:
                return
            if turn.comes.done():  # canceled in this very step, and not woken yet
                self._waiting.remove(turn)
            elif self._fits(turn.shares):
                self._waiting.remove(turn)
                self._take(turn.shares)
                turn.comes.set_result(None)
