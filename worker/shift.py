"""What this worker holds right now, and whether it still takes more.

The receive loop, the look-out for terminate messages and the reporter all wait on this one object.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from worker.curfew import Curfew
from worker.parcel import Parcel

UNSTORED = 1024
CALL = 10  # messages that one receive brings at most; for fewer than these, or half of all, none is made
TOLD = 1.0  # seconds between two tellings of those that wait; their leases bear 25

Holds = Callable[[], bool]


class Shift:
    """Parcels in hand.

    A parcel counts as work until it is answered. Answered ones only wait, a second at most, for the
    PUT of their record, and must not keep the next pictures out.

    Args:
        prefetch: parcels that may be unanswered at once.
        clock: monotonic seconds.
    """

    def __init__(self, prefetch: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.hold_at_most(prefetch)
        self._open: set[Parcel] = set()
        self._answered = 0
        self._suspects = 0
        self._told = -TOLD
        self._waiting: dict[asyncio.Future[None], Holds] = {}
        self.curfew = Curfew()
        self.draining: str | None = None
        self.standby = False
        self.received = 0

    def hold_at_most(self, prefetch: int) -> None:
        """From now on; what is in hand beyond that is worked all the same."""
        self._prefetch = prefetch
        self._worth = min(CALL, -(-prefetch // 2))

    @property
    def busy(self) -> int:
        """How many parcels are unanswered."""
        return len(self._open)

    @property
    def unanswered(self) -> Iterable[Parcel]:
        """Parcels in hand that are work yet; for one turn of the loop."""
        return self._open

    @property
    def most(self) -> int:
        """How many may be unanswered at once."""
        return self._prefetch

    @property
    def held(self) -> int:
        """How many parcels there are, answered ones included."""
        return len(self._open) + self._answered

    @property
    def room(self) -> int:
        """How many messages the next receive may bring; 0 when none should be asked for.

        Suspects are waited out: whoever is in hand while one crashes the worker is a suspect next.
        """
        if self.standby or self._suspects or self.full or self.held >= UNSTORED:
            return 0
        return min(CALL, self._free)

    @property
    def full(self) -> bool:
        """Whether it holds as much work as it may, and works it side by side."""
        return self._free < self._worth and not self._suspects

    @contextmanager
    def hold(self, parcel: Parcel) -> Iterator[None]:
        """In hand while it lasts."""
        self._open.add(parcel)
        self._suspects += parcel.suspect
        self.received += 1
        self._notify()
        try:
            yield
        finally:
            if parcel in self._open:
                self._close(parcel)
            else:
                self._answered -= 1
            self._notify()

    def answered(self, parcel: Parcel) -> None:
        """A parcel in hand is work no more."""
        self._close(parcel)
        self._answered += 1
        self.moved()
        self._notify()

    def moved(self) -> None:
        """A parcel finished a step: those that only wait for their turn are no more stuck than it."""
        now = self._clock()
        if (
            now - self._told >= TOLD
        ):  # forty times as often as pictures come would cost more than they
            self._told = now
            for parcel in self._open:
                if parcel.waiting:
                    parcel.lease.progress()

    def activate(self) -> None:
        """End the standby."""
        self.standby = False
        self._notify()

    def drain(self, reason: str) -> None:
        """Take no more. The first reason stands."""
        self.draining = self.draining or reason
        self._notify()

    async def until(self, holds: Holds, seconds: float | None = None) -> bool:
        """Wait for a condition on this shift; whether it came about within the time."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._change_to(holds)
        except TimeoutError:
            return holds()
        return True

    async def _change_to(self, holds: Holds) -> None:
        # Whoever waits is woken when it may go on, and not by each of a picture's many steps.
        change: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[change] = holds
        try:
            await change
        finally:
            del self._waiting[change]

    @property
    def _free(self) -> int:
        return self._prefetch - self.busy

    def _close(self, parcel: Parcel) -> None:
        self._open.remove(parcel)
        self._suspects -= parcel.suspect

    def _notify(self) -> None:
        for change, holds in self._waiting.items():
            if not change.done() and holds():
                change.set_result(None)
