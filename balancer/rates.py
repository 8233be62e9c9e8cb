"""How fast messages came, from what the ticks of the last half-hour counted."""

from itertools import accumulate
from math import ceil

from balancer.plan import Snapshot


class Rates:
    """Arrivals of a snapshot and of its past. Pure; a tick counts what came since the one before."""

    def __init__(self, snapshot: Snapshot, tick: float, now: float) -> None:
        self._tick = tick
        self._at = [*[each.at for each in snapshot.past], now]
        # The first tick there is counted since nobody knows when.
        counted = [each.arrived for each in snapshot.past[1:]]
        counted += [snapshot.arrived] if snapshot.past else []
        self._sums = list(accumulate(counted, initial=0.0))

    def mean(self, seconds: float, ago: int = 0) -> float:
        """Messages a second over the last `seconds`, or as long as anything is known, `ago` ticks ago."""
        end = len(self._at) - 1 - ago
        if end < 1:
            return 0.0
        start = max(0, end - max(1, round(seconds / self._tick)))
        return (self._sums[end] - self._sums[start]) / (self._at[end] - self._at[start])

    def windows(self, seconds: float, horizon: float) -> list[float]:
        """What came in each window of so many seconds within the last `horizon`, oldest first.

        There is a window for each tick that one can end with. It is whole ticks long, or as long as
        anything is known; of one that is longer than `seconds` only the part is counted.
        """
        sums = self._sums[-ceil(horizon / self._tick) - 1 :]
        ticks = min(max(1, ceil(seconds / self._tick)), len(sums) - 1)
        if not ticks:
            return []
        part = min(1.0, seconds / (ticks * self._tick))
        return [(late - early) * part for early, late in zip(sums, sums[ticks:], strict=False)]
