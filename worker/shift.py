"""What this worker holds right now, and whether it still takes more.

The receive loop, the look-out for terminate messages and the reporter all wait on this one object.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from worker.parcel import Parcel

UNSTORED = 1024


class Shift:
    """Parcels in hand.

    A parcel counts as work until it is answered. Answered ones only wait, a second at most, for the
    PUT of their record, and must not keep the next pictures out.

    Args:
        prefetch: parcels that may be unanswered at once.
        batch: least room worth a receive call, so that a call brings several.
    """

    def __init__(self, prefetch: int, batch: int = 10) -> None:
        self._prefetch = prefetch
        self._batch = min(batch, prefetch)
        self._held: set[Parcel] = set()
        self._changed = asyncio.Event()
        self.draining: str | None = None
        self.received = 0

    @property
    def busy(self) -> int:
        """How many parcels are unanswered."""
        return sum(not parcel.answered for parcel in self._held)

    @property
    def room(self) -> int:
        """How many messages the next receive may bring; 0 when none should be asked for.

        A suspect is waited out: whoever is in hand while it crashes the worker is a suspect next.
        """
        free = self._prefetch - self.busy
        suspects = any(parcel.suspect for parcel in self._held)
        if suspects or free < self._batch or len(self._held) >= UNSTORED:
            return 0
        return min(10, free)

    @contextmanager
    def hold(self, parcel: Parcel) -> Iterator[None]:
        """In hand while it lasts."""
        self._held.add(parcel)
        self.received += 1
        self._notify()
        try:
            yield
        finally:
            self._held.discard(parcel)
            self._notify()

    def moved(self) -> None:
        """A parcel finished a step: those that only wait for their turn are no more stuck than it."""
        for parcel in self._held:
            if parcel.waiting:
                parcel.lease.progress()
        self._notify()

    def drain(self, reason: str) -> None:
        """Take no more. The first reason stands."""
        self.draining = self.draining or reason
        self._notify()

    async def until(self, holds: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait for a condition on this shift; whether it came about within the time."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return holds()
        return True

    def _notify(self) -> None:
        self._changed.set()
