"""Workers that take pictures from one line, first come, first served, all of them equally fast.

With c workers and s seconds a picture the k-th picture, shown at a_k, is begun at

    b_k = max(a_k, b_{k-c} + s),        b_{j-c} + s = f_j for j < c

where f_0 <= ... <= f_{c-1} are the seconds at which the workers become free (Krivulin's recursion for
G/D/c; with equal service times pictures end in the order in which they begin, so that the worker who is
free next is the one who took the picture c places before). Per residue class r = k mod c that
unrolls to a running maximum,

    b_{r+ic} = i s + max(f_r, max_{j<=i} (a_{r+jc} - j s)),

which numpy accumulates for all classes at once. It needs f_{c-1} <= b_0 + s. This holds as long as s
stays what it is; right after it fell the pictures are dealt out one by one until it holds again.
"""

from heapq import heapify, heapreplace

import numpy as np

from balancer.simulator.backlog import SENT, SHOWN, Backlog
from balancer.simulator.traces import Times

FREE, BEGUN, OF = 0, 1, 2  # rows of `lanes`
WHO, LAUNCHED, REQUESTS, LOOK = 0, 1, 2, 3  # rows of `crew`
ROUNDING = 1e-7  # seconds; a week is 6e5 s, of which float64 resolves 1e-10
NONE: Times = np.empty((2, 0))


class Pool:
    """The workers that take pictures, by the second at which each becomes free.

    `lanes` has a row each for the second at which a worker is or was free, at which its last picture
    was begun, and at which that picture was sent; shape (3, c). `crew` has, for the same workers, their
    numbers, the seconds of their launch, the requests that each still begins before it looks at terminate
    messages, and the second at which it looks in any case; shape (4, c).
    """

    def __init__(self) -> None:
        self.lanes: Times = np.empty((3, 0))
        self.crew: Times = np.empty((4, 0))

    def __len__(self) -> int:
        return len(self.crew[WHO])

    def place(self, who: int) -> int | None:
        """The column of a worker, None when it is not here."""
        found = (self.crew[WHO] == who).nonzero()[0]
        return int(found[0]) if len(found) else None

    def busy(self, now: float) -> int:
        """How many work at `now`."""
        return len(self) - int(self.lanes[FREE].searchsorted(now, "right"))

    def join(self, who: int, now: float, launched: float = 0.0) -> None:
        """A worker is ready."""
        at = int(self.lanes[FREE].searchsorted(now, "right"))
        self.lanes = _with(self.lanes, at, (now, now, now))
        self.crew = _with(self.crew, at, (who, launched, 0.0, np.inf))

    def leave(self, place: int) -> tuple[float, float, float]:
        """A worker takes no more; free, begun and sent of what it had last."""
        free, begun, sent = self.lanes[:, place].tolist()
        self.lanes = _without(self.lanes, place)
        self.crew = _without(self.crew, place)
        return free, begun, sent

    def serve(
        self, backlog: Backlog, until: float, seconds: float, most: int | None = None
    ) -> Times:
        """Begin what can be begun before `until`, about `most` at most; seconds begun and sent, (2, n)."""
        if not len(self) or not len(backlog):
            return NONE
        early = self._deal(backlog, until, seconds)
        if not len(backlog):
            return early
        starts = self.starts(backlog, until, seconds)[1:].reshape(-1)
        count = int(starts.searchsorted(until))
        if most is not None:
            count = min(count, max(0, most - early.shape[1]))
        begun = np.empty((2, count))
        begun[0], begun[1] = starts[:count], backlog.first(count)[SENT]
        self._took(begun, seconds)
        backlog.drop(count)
        return np.concatenate((early, begun), axis=1) if early.shape[1] else begun

    def starts(self, backlog: Backlog, until: float, seconds: float) -> Times:
        """When pictures would begin: a row per turn, a column per worker, above them the seconds free.

        Covers at least all that begin before `until`; inf where there is no picture.
        """
        crew, free = len(self), self.lanes[FREE]
        begin = max(free[0], backlog.first(1)[SHOWN, 0]) if len(backlog) else until
        turns = max(0, int((until - begin) / seconds) + 2)
        shown = backlog.first(crew * turns)[SHOWN]
        rows = -(-len(shown) // crew)
        grid = np.empty((rows + 1, crew))
        grid[0] = free
        line = grid[1:].reshape(-1)
        line[: len(shown)], line[len(shown) :] = shown, np.inf
        steps = (np.arange(rows) * seconds)[:, None]
        grid[1:] -= steps
        np.maximum.accumulate(grid, axis=0, out=grid)
        grid[1:] += steps
        return grid

    def _took(self, begun: Times, seconds: float) -> None:
        count, crew = begun.shape[1], len(self)
        last = begun[:, -crew:]
        fresh = np.empty((3, last.shape[1]))
        fresh[FREE], fresh[BEGUN], fresh[OF] = last[0] + seconds, last[0], last[1]
        self.lanes = np.concatenate((self.lanes[:, count:], fresh), axis=1)
        if shift := count % crew:
            self.crew[REQUESTS, :shift] -= 1
            self.crew = np.concatenate((self.crew[:, shift:], self.crew[:, :shift]), axis=1)
        self.crew[REQUESTS] -= count // crew

    def _deal(self, backlog: Backlog, until: float, seconds: float) -> Times:
        """One by one, while somebody is busy for longer than a picture begun now would take."""
        latest = float(self.lanes[FREE, -1]) - ROUNDING
        begin = max(float(backlog.first(1)[SHOWN, 0]), float(self.lanes[FREE, 0]))
        if latest <= begin + seconds:
            return NONE
        turns = max(0, int((min(until, latest) - begin) / seconds)) + 2
        line = backlog.first(turns * len(self))
        heap = list(zip(*self.lanes.tolist(), range(len(self)), strict=True))
        heapify(heap)
        begun = []
        for shown, sent in line.T.tolist():
            free, *_, place = heap[0]
            start = max(shown, free)
            if start >= until or latest <= start + seconds:
                break
            heapreplace(heap, (start + seconds, start, sent, place))
            self.crew[REQUESTS, place] -= 1
            begun.append((start, sent))
        heap.sort()
        self.lanes = np.array([lane[:3] for lane in heap]).T
        self.crew = self.crew[:, [lane[3] for lane in heap]]
        backlog.drop(len(begun))
        return np.array(begun).T if begun else NONE


def _with(table: Times, at: int, column: tuple[float, ...]) -> Times:
    return np.concatenate((table[:, :at], np.array(column)[:, None], table[:, at:]), axis=1)


def _without(table: Times, at: int) -> Times:
    return np.concatenate((table[:, :at], table[:, at + 1 :]), axis=1)
