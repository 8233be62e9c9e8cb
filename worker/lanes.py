"""The lanes of an engine: what is in them, how long each batch took, and with how many pictures."""

from collections import deque
from dataclasses import dataclass

from worker.buckets import Buckets

SIZES = (1, 2, 4, 8, 16, 32, 64, 128)


@dataclass(slots=True, eq=False)
class Ride:
    """A batch's way through the engine; `free` is when there was a lane for it, None while there is none."""

    free: float | None


class Lanes:
    """Follows batches, by seconds of one clock, and counts them.

    `core_seconds` is what they took of cores: n a second where n are always in use.
    """

    def __init__(self) -> None:
        self.core_seconds = 0.0
        self.sizes = Buckets(SIZES)
        self._running = 0
        self._waiting: deque[Ride] = deque()

    def enter(self, lanes: int, now: float) -> Ride:
        """A batch is handed over to an engine of so many lanes; those that find none free wait in line."""
        ride = Ride(now if self._running < lanes else None)
        if ride.free is None:
            self._waiting.append(ride)
        else:
            self._running += 1
        return ride

    def leave(self, ride: Ride, ended: float, begun: float = 0.0) -> float:
        """A batch has been through the engine, or failed there; the seconds that it was on its lane.

        Args:
            ride: what `enter` gave.
            ended: when the engine returned.
            begun: when it was called, which may be after there was a lane, or before.
        """
        if ride.free is None:  # the news of whoever it got its lane from are still to come
            self._waiting.remove(ride)
            return ended - begun
        self._running -= 1
        if self._waiting:
            self._waiting.popleft().free = ended
            self._running += 1
        return max(0.0, ended - max(ride.free, begun))

    def ran(self, pictures: int, seconds: float, cores: int) -> None:
        """A batch of so many pictures took so long on so many cores."""
        self.core_seconds += seconds * cores
        self.sizes.observe(pictures)
