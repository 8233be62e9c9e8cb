"""The lanes of an engine: what is in them, how long each batch took, and with how many pictures."""

import math
from collections import deque
from dataclasses import dataclass

from worker.buckets import Buckets

NEVER = math.inf
SIZES = (1, 2, 4, 8, 16, 32, 64, 128)


@dataclass(slots=True, eq=False)
class Ride:
    """A batch's way through the engine: when there was a lane for it, and when it had left that."""

    free: float = NEVER
    left: float = NEVER


class Lanes:
    """Follows batches, by seconds of one clock, and counts them.

    `core_seconds` is what they took of cores: n a second where n are always in use.
    """

    def __init__(self) -> None:
        self.core_seconds = 0.0
        self.sizes = Buckets(SIZES)
        self._running: deque[Ride] = deque()
        self._waiting: deque[Ride] = deque()

    def enter(self, lanes: int, now: float) -> Ride:
        """A batch is handed over to an engine of so many lanes; those that find none free wait in line."""
        ride = Ride()
        self._waiting.append(ride)
        if len(self._running) < lanes:
            self._go_on(now)
        return ride

    def leave(self, ride: Ride, ended: float, begun: float = 0.0) -> float:
        """A batch has been through the engine, or failed there; the seconds that it was on its lane.

        A thread may be slow to say that its batch is done. Where the next one on that lane says so before it,
        each is taken to have had half of what both took.

        Args:
            ride: what `enter` gave.
            ended: when the engine returned.
            begun: when it was called, which may be after there was a lane, or before.
        """
        if ride.left == NEVER:
            if ride.free == NEVER:
                before = self._running.popleft()
                before.left = ride.free = (before.free + ended) / 2
                self._waiting.remove(ride)
            else:
                self._running.remove(ride)
            ride.left = ended
            if self._waiting:
                self._go_on(ended)
        return max(0.0, ride.left - max(ride.free, begun))

    def _go_on(self, now: float) -> None:
        """There is a lane for the one that waits longest."""
        ride = self._waiting.popleft()
        ride.free = now
        self._running.append(ride)

    def ran(self, pictures: int, seconds: float, cores: int) -> None:
        """A batch of so many pictures took so long on so many cores."""
        self.core_seconds += seconds * cores
        self.sizes.observe(pictures)
