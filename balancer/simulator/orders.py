"""Terminate messages on their way, and who takes them: the idle at once, the busy when they look.

As worker/lookout.py has it: a message is valid for some seconds; whoever idles listens; whoever is busy
looks after some requests or seconds. Where in that cycle a worker is when messages are sent is drawn.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from balancer.simulator.pool import FREE, ROUNDING, Pool
from balancer.simulator.traces import Times
from balancer.simulator.world import World

UNANSWERED_FOR = 7.0  # as in balancer/ledger.py


@dataclass(frozen=True, slots=True)
class Taker:
    """A place in the pool, the second at which that worker takes a message, and whether it is idle."""

    place: int
    at: float
    idle: bool


class Orders:
    """Messages that are valid and not taken. `expired` counts those that nobody took in time."""

    def __init__(self, world: World, random: np.random.Generator) -> None:
        self._world = world
        self._random = random
        self._open: deque[float] = deque()
        self._unanswered: deque[float] = deque()
        self._looks: dict[int, tuple[int, float]] = {}
        self.expired = 0

    def send(self, count: int, pool: Pool, now: float) -> None:
        self._open.extend([now] * count)
        self._unanswered.extend([now] * count)
        requests = self._random.integers(0, self._world.look_after, len(pool)).tolist()
        seconds = (now + self._random.random(len(pool)) * self._world.look_every).tolist()
        looks = zip(requests, seconds, strict=True)
        self._looks = dict(zip(pool.who.tolist(), looks, strict=True))

    def until(self, now: float) -> float | None:
        """When the oldest valid message expires, None when there is none."""
        while self._open and now >= self._open[0] + self._world.terminate_valid:
            self._open.popleft()
            self.expired += 1
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

    def began(self, pool: Pool, count: int) -> None:
        """So many requests were begun since the last call, the latest by the last in the pool."""
        crew = len(pool)
        for place, who in enumerate(pool.who.tolist()):
            turns = count // crew + (place >= crew - count % crew)
            if turns and who in self._looks:
                requests, seconds = self._looks[who]
                self._looks[who] = (requests - turns, seconds)

    def first(
        self,
        pool: Pool,
        grid: Times,
        seasoned: list[bool],
        now: float,
        until: float,
        seconds: float,
    ) -> Taker | None:
        """Who takes a message before `until` when pictures begin as `grid` of `Pool.starts` says."""
        ends = grid + seconds
        ends[0] = pool.lanes[FREE]
        begins = np.vstack((grid[1:], np.full((1, len(pool)), np.inf)))
        gaps = np.where(begins > ends + ROUNDING, np.maximum(ends, now), np.inf)
        idle = gaps.min(axis=0)
        look = np.full(len(pool), np.inf)
        for place, who in enumerate(pool.who.tolist()):
            requests, at = self._looks.get(who, (self._world.look_after, np.inf))
            begun = begins[max(requests, 0), place] if requests < len(begins) else np.inf
            look[place] = max(now, min(begun, at))
        when = np.where(seasoned, np.minimum(idle, look), np.inf)
        place = int(when.argmin())
        if when[place] >= until:
            return None
        return Taker(place, float(when[place]), bool(idle[place] <= look[place]))
