"""Held messages, kept invisible while work on them makes progress.

A message shows again after its visibility time-out. One keeper in each process extends all that it
holds, in batches, but only those whose stage moved lately and whose deadline is still ahead: work
that hangs must come back to somebody else.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator

from wire import log
from wire.queues import Queue, Received

_log = log.get(__name__)

VISIBILITY = 30
STALL = 25.0
SPARE = 10.0  # seconds that a stage may take beyond what was allowed it


def stall_of(stage: float) -> float:
    """Seconds without a new stage that pass for a hang, where one stage may take so many."""
    return max(STALL, stage + SPARE)


class Lease:
    """One held message.

    Args:
        received: the delivery that is held.
        ends: monotonic seconds after which it is extended no more.
        clock: monotonic seconds.
        stall: seconds without a new stage after which the work is taken to hang.
    """

    def __init__(
        self, received: Received, ends: float, clock: Callable[[], float], stall: float = STALL
    ) -> None:
        self.received = received
        self._ends = ends
        self._clock = clock
        self._stall = stall
        self._moved = clock()
        self.held = True

    def progress(self) -> None:
        """The work entered its next stage."""
        self._moved = self._clock()

    def drop(self) -> None:
        """No longer held: it was deleted, or is given back."""
        self.held = False

    def is_due(self) -> bool:
        """Whether it deserves another extension now."""
        now = self._clock()
        return self.held and now < self._ends and now - self._moved < self._stall


class Keeper:
    """Extends the leases of one queue until it is stopped."""

    def __init__(
        self,
        queue: Queue,
        visibility: int = VISIBILITY,
        clock: Callable[[], float] = time.monotonic,
        stall: float = STALL,
    ) -> None:
        self._stall = stall
        self._queue = queue
        self._visibility = visibility
        self._clock = clock
        self._leases: set[Lease] = set()

    @contextlib.contextmanager
    def hold(self, received: Received, seconds: float) -> Iterator[Lease]:
        """Hold a delivery for at most `seconds` more."""
        lease = Lease(received, self._clock() + seconds, self._clock, self._stall)
        self._leases.add(lease)
        try:
            yield lease
        finally:
            lease.drop()
            self._leases.discard(lease)

    async def run(self) -> None:
        """Extend what is due, three times in each visibility time-out; runs until canceled."""
        while True:
            await asyncio.sleep(self._visibility / 3)
            await self.extend_due()

    async def extend_due(self) -> None:
        """One round. Whatever fails is no reason to stop: the next round tries again."""
        due = [lease for lease in self._leases if lease.is_due()]
        outcomes = await asyncio.gather(
            *(self._queue.extend(lease.received.receipt, self._visibility) for lease in due),
            return_exceptions=True,
        )
        failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if failures:
            _log.warning("messages not extended", messages=len(failures), error=repr(failures[0]))
