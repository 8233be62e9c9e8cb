"""Token buckets, a number each.

A bucket holds `burst` tokens and gains `rate` a second; a request takes one. Kept is not the level but
the time at which the bucket is full again (the "theoretical arrival time" of the generic cell rate
algorithm, ITU-T I.371, Annex A), so that a bucket which is full needs no place at all, and a
limit that changes needs no conversion. In any t seconds no more than rate * t + burst are taken.
"""

from collections import OrderedDict

from api.access.callers import Limit

MOST = 50_000  # some 10 MB


class Buckets:
    """Buckets by name, at most so many. Beyond that the one that was asked longest ago is forgotten.

    To have a bucket forgotten, so many others must be used first: whoever has 50 000 addresses has their
    tokens anyway. All times are monotonic seconds.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def wait(self, name: str, limit: Limit, now: float) -> float:
        """Seconds until the bucket has a token; 0 when it has one now. Takes nothing."""
        if not limit.rate:
            return 0.0
        debt = self._full_at.get(name, now) - now
        return max(0.0, debt - (limit.burst - 1) / limit.rate)

    def take(self, name: str, limit: Limit, now: float) -> None:
        """Take a token; only where `wait` said 0."""
        if not limit.rate:
            return
        self._full_at[name] = max(self._full_at.get(name, now), now) + 1 / limit.rate
        self._full_at.move_to_end(name)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
