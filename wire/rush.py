"""How long a delete waits for others to share its call: not at all, unless many come. No I/O."""

from collections import deque

MANY = 10  # deletes: a call's worth
WITHIN = 0.5  # seconds; nobody alone, one picture after the other, is that fast
PATIENCE = (
    0.25  # seconds; nobody waits for a message to be gone, and it stays hidden for far longer
)


class Rush:
    """What comes to one queue; times in seconds, by any clock that does not go back."""

    def __init__(self) -> None:
        self._came: deque[float] = deque(maxlen=MANY)

    def patience(self, now: float) -> float:
        """Seconds that the one which comes now can wait. A call's worth came within half a second, itself
        included: then as many will have come again soon."""
        self._came.append(now)
        rush = len(self._came) == MANY and now - self._came[0] <= WITHIN
        return PATIENCE if rush else 0.0
