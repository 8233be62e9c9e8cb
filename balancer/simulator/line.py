"""Pictures meet workers: who works at what, how long it waited, and what is left of those who go."""

from dataclasses import dataclass
from math import inf

import numpy as np

from balancer.simulator.backlog import Backlog
from balancer.simulator.orders import Orders, Taker
from balancer.simulator.pool import BEGUN, FREE, OF, Pool
from balancer.simulator.traces import Times
from balancer.simulator.waits import Waits
from balancer.simulator.world import World


@dataclass(frozen=True, slots=True)
class Departure:
    """A worker that takes no more pictures: when it will be gone, how many it holds until then, and the
    seconds at which those were sent that it will not have finished.
    """

    gone: float
    holds: int
    lost: Times


class Line:
    """The queue's visible messages and the workers that take them. `first_done` and `done` are the
    first and the last end of work, in seconds."""

    def __init__(self, world: World, waits: Waits) -> None:
        self._world = world
        self.backlog = Backlog()
        self.pool = Pool()
        self.waits = waits
        self.first_done = inf
        self.done = 0.0

    def serve(self, until: float, most: int | None = None) -> None:
        """Begin all that can be begun before `until`, or the first `most` of these."""
        seconds = self._seconds()
        begun = self.pool.serve(self.backlog, until, seconds, most)
        if begun.shape[1]:
            self.waits.add(begun[0], begun[1], seconds)
            self.first_done = min(self.first_done, float(begun[0, 0]) + seconds)
            self.done = max(self.done, float(begun[0, -1]) + seconds)

    def taker(self, orders: Orders, now: float, until: float) -> Taker | None:
        """Who takes a terminate message before `until`, if anybody does."""
        if not len(self.pool):
            return None
        seconds = self._seconds()
        grid = self.pool.starts(self.backlog, until, seconds)
        return orders.first(self.pool, grid, now, until, seconds)

    def held(self, now: float) -> int:
        """Messages that workers hold beside those that they work at."""
        return min(len(self.backlog), self.pool.busy(now) * (self._world.prefetch - 1))

    def depart(self, place: int, now: float, end: float) -> Departure:
        """A worker takes no more, finishes what it holds, and is gone at `end` at the latest."""
        free, begun, sent = self.pool.lanes[(FREE, BEGUN, OF), place].tolist()
        if free <= now:
            self.pool.leave(place)
            return Departure(now, 0, np.empty(0))
        # Whatever is held was dealt out in turn.
        ahead, busy = self.held(now), self.pool.busy(now)
        others = self.backlog.pick(slice(0, ahead, busy))
        self.pool.leave(place)
        seconds = self._world.full_batch_seconds
        begins = free + np.arange(len(others)) * seconds
        finished = begins + seconds <= end
        self.waits.add(begins[finished], others[finished], seconds)
        lost = others[~finished]
        if free > end:
            self.waits.retract(begun, sent, free - begun)
            lost = np.append(lost, sent)
        gone = min(end, free + len(others) * seconds)
        self.done = max(self.done, gone)
        return Departure(gone, 1 + len(others), np.sort(lost))

    def _seconds(self) -> float:
        return self._world.seconds(len(self.backlog), len(self.pool))
