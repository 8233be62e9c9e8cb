"""Terminate messages on their way, and who takes them: the idle at once, the busy when they look.

As worker/lookout.py has it: a message is valid for some seconds; whoever idles listens; whoever is busy
looks after some requests or seconds; that it rests a second between two looks is left out. Where in that
cycle a worker is when messages are sent is drawn.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from balancer.simulator.pool import FREE, LAUNCHED, LOOK, REQUESTS, ROUNDING, Pool
from balancer.simulator.traces import Times
from balancer.simulator.world import World

UNANSWERED_FOR = 7.0  # as in balancer/ledger.py


@dataclass(frozen=True, slots=True)
class Taker:
    """A place in the pool, the second at which that worker takes a message, and how many pictures are
    begun until then: workers that began together begin each picture at the same second.
    """

    place: int
    at: float
    begun: int


class Orders:
    """Messages that are valid and not taken."""

    def __init__(self, world: World, random: np.random.Generator) -> None:
        self._world = world
        self._random = random
        self._open: deque[float] = deque()
        self._unanswered: deque[float] = deque()

    def send(self, count: int, pool: Pool, now: float) -> None:
        self._open.extend([now] * count)
        self._unanswered.extend([now] * count)
        # Where a busy worker is in its cycle is as good as random.
        pool.crew[REQUESTS] = self._random.integers(0, self._world.look_after, len(pool))
        pool.crew[LOOK] = now + self._random.random(len(pool)) * self._world.look_every

    def until(self, now: float) -> float | None:
        """When the oldest valid message expires, None when there is none."""
        while self._open and now >= self._open[0] + self._world.terminate_valid:
            self._open.popleft()
        return self._open[0] + self._world.terminate_valid if self._open else None

    def taken(self) -> None:
        self._open.popleft()
        if self._unanswered:
            self._unanswered.popleft()

    def unanswered(self, now: float) -> int:
        """Messages that the balancer must still expect to be taken."""
        while self._unanswered and now - self._unanswered[0] >= UNANSWERED_FOR:
            self._unanswered.popleft()
        return len(self._unanswered)

    def first(
        self, pool: Pool, grid: Times, now: float, until: float, seconds: float
    ) -> Taker | None:
        """Who takes a message before `until` when pictures begin as `grid` of `Pool.starts` says."""
        ends = grid + seconds
        ends[0] = pool.lanes[FREE]
        begins = np.vstack((grid[1:], np.full((1, len(pool)), np.inf)))
        idle = np.where(begins > ends + ROUNDING, np.maximum(ends, now), np.inf).min(axis=0)
        turns = (pool.crew[REQUESTS] % self._world.look_after).astype(np.intp)
        turns = np.minimum(turns, len(begins) - 1)
        begun = begins[turns, np.arange(len(pool))]
        look = np.maximum(now, np.minimum(begun, pool.crew[LOOK]))
        when = np.minimum(idle, look)
        when[now - pool.crew[LAUNCHED] < self._world.paid_minute] = np.inf
        place = int(when.argmin())
        if when[place] >= until:
            return None
        at = float(when[place])
        if at == begun[place] < idle[place]:
            return Taker(place, at, int(turns[place]) * len(pool) + place + 1)
        return Taker(place, at, int(begins.reshape(-1).searchsorted(at)))
