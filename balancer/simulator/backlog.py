"""The pictures that wait, in the order in which the queue showed them."""

import numpy as np

from balancer.simulator.traces import Times

SHOWN, SENT = 0, 1


class Backlog:
    """First in, first out. Each picture has a second at which it was shown and one at which it was sent.

    They differ for a picture that was given out before, to a worker that died of it.
    """

    def __init__(self) -> None:
        self._kept = np.empty((2, 1 << 12))
        self._head = 0
        self._tail = 0

    def __len__(self) -> int:
        return self._tail - self._head

    def add(self, shown: Times, sent: Times) -> None:
        """Append pictures; `shown` sorted and not before what is there."""
        count = len(shown)
        if self._tail + count > self._kept.shape[1]:
            self._make_room(count)
        self._kept[SHOWN, self._tail : self._tail + count] = shown
        self._kept[SENT, self._tail : self._tail + count] = sent
        self._tail += count

    def first(self, count: int) -> Times:
        """Shape (2, count): seconds shown and sent of the next in line; a view."""
        return self._kept[:, self._head : min(self._head + count, self._tail)]

    def drop(self, count: int) -> None:
        """The next `count` are taken."""
        self._head += count

    def pick(self, places: slice) -> Times:
        """Take those at these places in the line out of it; seconds sent, shape (n,)."""
        waiting = self._kept[:, self._head : self._tail]
        picked = waiting[SENT, places].copy()
        rest = np.delete(waiting, places, axis=1)
        self._tail -= len(picked)
        self._kept[:, self._head : self._tail] = rest
        return picked

    def _make_room(self, count: int) -> None:
        waiting = self._kept[:, self._head : self._tail]
        size = self._kept.shape[1]
        while size < 2 * (waiting.shape[1] + count):
            size *= 2
        fresh = np.empty((2, size))
        fresh[:, : waiting.shape[1]] = waiting
        self._kept, self._tail, self._head = fresh, waiting.shape[1], 0
