"""How many jobs that nobody waits for were sent a moment ago. Whether they are answered, others may hear."""

import time
from collections import deque
from collections.abc import Callable

SECONDS = 4.0  # less than between two reports, so that the next one says that it is over
TOGETHER = 0.5  # seconds; what is sent within them is counted together


class Lately:
    """Counts them.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: deque[tuple[float, int]] = deque()

    def sent(self, count: int) -> None:
        """So many more."""
        now = self._clock()
        if self._sent and now - self._sent[-1][0] < TOGETHER:
            now, before = self._sent.pop()
            count += before
        self._sent.append((now, count))

    def count(self) -> int:
        """In the last seconds."""
        while self._sent and self._clock() - self._sent[0][0] >= SECONDS:
            self._sent.popleft()
        return sum(count for _, count in self._sent)
