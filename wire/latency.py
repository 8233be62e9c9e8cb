"""How long requests took, as replicas tell it: counts by bucket, so that those of many can be added up.

Bounds grow by a quarter each, from 5 ms to over two minutes: a percentile read from them is an eighth off at
most.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

FIRST, GROWTH, LAST = 0.005, 1.25, 150.0
SHARES = (0.5, 0.95, 0.99)


def _bounds() -> tuple[float, ...]:
    found = [FIRST]
    while found[-1] < LAST:
        found.append(found[-1] * GROWTH)
    return tuple(found)


BOUNDS = _bounds()  # seconds; the last bucket is for everything above


def bucket(seconds: float) -> int:
    """The number of the bucket that a time belongs to."""
    return bisect_left(BOUNDS, seconds)


def middle(number: int) -> float:
    """Seconds that stand for a bucket: the geometric mean of its bounds."""
    return float(BOUNDS[min(number, len(BOUNDS) - 1)] / GROWTH**0.5)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Seconds within which that share of the requests was answered; None of no requests.

    Args:
        counts: requests by bucket.
        share: 0 to 1.
    """
    wanted, seen = share * sum(counts.values()), 0
    for number in sorted(counts):
        seen += counts[number]
        if seen >= wanted and seen:
            return middle(number)
    return None


def added(several: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """All of them together."""
    found: dict[int, int] = {}
    for counts in several:
        for number, count in counts.items():
            found[number] = found.get(number, 0) + count
    return found
