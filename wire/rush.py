"""How long what has time waits for others to share its call: not at all, unless many come. No I/O."""

from collections import deque

MANY = 10  # a call's worth
# Of deletes, in seconds. Nobody alone, one picture after the other, is that fast; and nobody waits for a
# message to be gone, which stays hidden for far longer.
WITHIN = 0.5
PATIENCE = 0.25


class Rush:
    """What comes to one place; times in seconds, by any clock that does not go back.

    Args:
        within: a call's worth that came in less is a rush.
        patience: how long each of a rush can wait.
    """

    def __init__(self, within: float = WITHIN, patience: float = PATIENCE) -> None:
        self._within = within
        self._patience = patience
        self._came: deque[float] = deque(maxlen=MANY)

    def patience(self, now: float) -> float:
        """Seconds that the one which comes now can wait. In a rush, itself included, as many will have come
        again soon."""
        self._came.append(now)
        rush = len(self._came) == MANY and now - self._came[0] <= self._within
        return self._patience if rush else 0.0
