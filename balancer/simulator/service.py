"""The simulated service: queue, workers and what befalls them, from one moment to the next."""

from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from math import inf, nextafter

import numpy as np

from balancer.simulator.crew import Crew
from balancer.simulator.feed import Feed
from balancer.simulator.line import Line
from balancer.simulator.orders import Orders
from balancer.simulator.pool import WHO
from balancer.simulator.traces import Times, Trace
from balancer.simulator.waits import Waits
from balancer.simulator.world import World

Event = tuple[float, int, Callable[[], None]]


class Service:
    """Told to launch and to terminate by the plans of a policy; advanced in between.

    `arrived` counts pictures that came, `hidden` those that show again later, `carried` those that
    leaving workers hold. `redelivered` counts pictures that were given out once more.
    """

    def __init__(self, trace: Trace, world: World, waits: Waits) -> None:
        self.now = 0.0
        self.world = world
        self.crew = Crew(world)
        self.line = Line(world, waits)
        self._random = np.random.default_rng(world.seed)
        self.orders = Orders(world, self._random)
        self._feed = Feed(trace)
        self._events: list[Event] = []
        self._sequence = 0
        self._stopped = world.standby
        self.arrived = 0
        self.hidden = 0
        self.carried = 0
        self.scale_ins = 0
        self.redelivered = 0
        self.redelivered_by_scale_in = 0

    @property
    def over(self) -> bool:
        """Whether everything that came has been answered and nothing comes any more."""
        waiting = len(self.line.backlog) + self.hidden + self.carried
        return self._feed.over and not waiting and self.line.done <= self.now

    def start(self, workers: int) -> None:
        """So many are ready from the beginning."""
        for _ in range(workers):
            self._ready(self.crew.launch(self.now).who)

    def launch(self, count: int) -> None:
        """Launch workers; each will be ready, or be given up."""
        world, random = self.world, self._random
        for _ in range(count):
            who = self.crew.launch(self.now).who
            if self._stopped:
                self._stopped -= 1
                self._at(self.now + world.standby_boot_seconds, partial(self._booted, who))
                self._at(self.now + world.boot_seconds, self._restocked)
            elif random.random() < world.boot_failure_rate:
                late = world.given_up(self.crew.boot_seconds)
                self._at(self.now + late, partial(self._gone, who))
            else:
                spread = world.boot_jitter * (2 * random.random() - 1)
                self._at(self.now + world.boot_seconds * (1 + spread), partial(self._booted, who))

    def terminate(self, count: int) -> None:
        """Send terminate messages."""
        self.orders.send(count, self.line.pool, self.now)

    def advance(self, until: float) -> None:
        """Let time pass."""
        while self.now < until:
            self._step(min(until, self._events[0][0]) if self._events else until)
            while self._events and self._events[0][0] <= self.now:
                heappop(self._events)[2]()

    def _step(self, until: float) -> None:
        """Work until then, or until somebody takes a terminate message."""
        expiry = self.orders.until(self.now)
        if expiry is not None:
            until = min(until, expiry)
        for came in self._feed.before(until):
            self.arrived += len(came)
            self.line.backlog.add(came, came)
        taker = None if expiry is None else self.line.taker(self.orders, self.now, until)
        if taker is None:
            self.line.serve(until)
            self.now = until
            return
        who = self.line.pool.crew[WHO, taker.place]
        self.line.serve(nextafter(taker.at, inf), taker.begun)
        self.now = taker.at
        self.orders.taken()
        self.scale_ins += 1
        self._leave(int(who), self.world.stop_grace, by_scale_in=True)

    def _restocked(self) -> None:
        """Another instance has booted, and stopped again to stand by."""
        self._stopped += 1
        self.crew.pay(self.world.boot_seconds)

    def _booted(self, who: int) -> None:
        self.crew.measure(who, self.now)
        self._ready(who)

    def _ready(self, who: int) -> None:
        world, member = self.world, self.crew.ready(who)
        self.line.pool.join(who, self.now, member.launched)
        for rate, grace in (
            (world.crash_rate_per_hour, 0.0),
            (world.spot_interruptions_per_hour, world.spot_notice),
        ):
            if rate:
                after = self._random.exponential(3600 / rate)
                self._at(self.now + after, partial(self._leave, who, grace))

    def _leave(self, who: int, grace: float, by_scale_in: bool = False) -> None:
        """A worker takes no more and is gone when it is done, after `grace` at the latest."""
        place = self.line.pool.place(who)
        if place is None:
            return
        self.crew.drain(who)
        departure = self.line.depart(place, self.now, self.now + grace)
        self.carried += departure.holds
        self._at(
            departure.gone, partial(self._left, who, departure.holds, departure.lost, by_scale_in)
        )

    def _left(self, who: int, holds: int, lost: Times, by_scale_in: bool) -> None:
        self.carried -= holds
        self._gone(who)
        if len(lost):
            self.hidden += len(lost)
            self.redelivered += len(lost)
            self.redelivered_by_scale_in += len(lost) if by_scale_in else 0
            self._at(self.now + self.world.visibility, partial(self._show, lost))

    def _show(self, sent: Times) -> None:
        self.hidden -= len(sent)
        self.line.backlog.add(np.full(len(sent), self.now), sent)

    def _gone(self, who: int) -> None:
        self.crew.gone(who, self.now)

    def _at(self, when: float, happens: Callable[[], None]) -> None:
        self._sequence += 1
        heappush(self._events, (when, self._sequence, happens))
