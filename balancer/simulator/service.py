"""The simulated service: queue, workers and what befalls them, from one moment to the next."""

from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from math import inf, nextafter

import numpy as np

from balancer.simulator.backlog import Backlog
from balancer.simulator.crew import Crew
from balancer.simulator.feed import Feed
from balancer.simulator.orders import Orders
from balancer.simulator.pool import FREE, WHO, Pool
from balancer.simulator.traces import Times, Trace
from balancer.simulator.waits import Waits
from balancer.simulator.world import World

Event = tuple[float, int, Callable[[], None]]


class Service:
    """Advanced by `run`; told to launch and to terminate by the plans of a policy."""

    def __init__(self, trace: Trace, world: World, deadline: float) -> None:
        self.world = world
        self.random = np.random.default_rng(world.seed)
        self.now = 0.0
        self.feed, self.backlog, self.pool = Feed(trace), Backlog(), Pool()
        self.crew, self.orders = Crew(world), Orders(world, self.random)
        self.waits = Waits(deadline)
        self.hidden = 0
        self.arrived = 0
        self.answered_any = False
        self.scale_ins = 0
        self.redelivered = 0
        self.redelivered_by_scale_in = 0
        self.last_end = 0.0
        self._events: list[Event] = []
        self._sequence = 0

    def start(self, workers: int) -> None:
        """So many are ready from the beginning."""
        for _ in range(workers):
            self._ready(self.crew.launch(self.now).who, measured=False)

    def launch(self, count: int) -> None:
        world = self.world
        for _ in range(count):
            who = self.crew.launch(self.now).who
            if self.random.random() < world.boot_failure_rate:
                self._at(self.now + world.boot_grace, partial(self._gone, who))
                continue
            spread = world.boot_jitter * (2 * self.random.random() - 1)
            self._at(self.now + world.boot_seconds * (1 + spread), partial(self._ready, who))

    def terminate(self, count: int) -> None:
        """Send terminate messages."""
        self.orders.send(count, self.pool, self.now)

    def advance(self, until: float) -> None:
        """Let time pass."""
        while self.now < until:
            step = min(until, self._events[0][0]) if self._events else until
            self._work(step)
            while self._events and self._events[0][0] <= self.now:
                heappop(self._events)[2]()

    def _work(self, until: float) -> None:
        for came in self.feed.before(until):
            self.arrived += len(came)
            self.backlog.add(came, came)
        while self.now < until:
            expiry = self.orders.until(self.now)
            step = until if expiry is None else min(until, expiry)
            if expiry is None or not self._take_one(step):
                self._serve(step)

    def _serve(self, until: float) -> None:
        seconds = self.world.seconds(len(self.backlog), len(self.pool))
        begun = self.pool.serve(self.backlog, until, seconds)
        if begun.shape[1]:
            self.waits.add(begun[0] - begun[1], seconds)
            self.last_end = max(self.last_end, float(begun[0, -1]) + seconds)
        self.now = until

    def _take_one(self, until: float) -> bool:
        """Serve until somebody takes a terminate message, if before `until` anybody does."""
        if not len(self.pool):
            return False
        seconds = self.world.seconds(len(self.backlog), len(self.pool))
        grid = self.pool.starts(self.backlog, until, seconds)
        taker = self.orders.first(self.pool, grid, self.now, until, seconds)
        if taker is None:
            return False
        who = int(self.pool.crew[WHO, taker.place])
        # A busy worker looks when it has begun its request: that one is still worked.
        self._serve(taker.at if taker.idle else nextafter(taker.at, inf))
        self.orders.taken()
        self.scale_ins += 1
        self._drain(who, self.world.stop_grace, by_scale_in=True)
        return True

    def _ready(self, who: int, measured: bool = True) -> None:
        world = self.world
        self.crew.ready(who, self.now, measured)
        self.pool.join(who, self.now, self.crew.members[who].launched)
        for rate, befalls in (
            (world.crash_rate_per_hour, self._crash),
            (world.spot_interruptions_per_hour, self._interrupt),
        ):
            if rate:
                after = self.random.exponential(3600 / rate)
                self._at(self.now + after, partial(befalls, who))

    def _interrupt(self, who: int) -> None:
        if self.pool.place(who) is not None:
            self._drain(who, self.world.spot_notice, by_scale_in=False)

    def _crash(self, who: int) -> None:
        place = self.pool.place(who)
        if place is not None:
            held = self._held()
            self._kill(self.pool.leave(place), held, by_scale_in=False)
            self._gone(who)

    def _drain(self, who: int, grace: float, by_scale_in: bool) -> None:
        """A worker takes no more, finishes what it holds, and goes; after `grace` it is killed."""
        self.crew.drain(who, self.now, by_scale_in)
        place = self.pool.place(who)
        assert place is not None  # noqa: S101
        held = self._held() if self.pool.lanes[FREE, place] > self.now else slice(0, 0)
        lane = self.pool.leave(place)
        seconds = self.world.full_batch_seconds
        sent = self.backlog.pick(held) if held.stop else np.empty(0)
        begun = max(lane[FREE], self.now) + np.arange(len(sent)) * seconds
        end = max(lane[FREE], self.now) + len(sent) * seconds
        if end <= self.now + grace:
            if len(sent):
                self.waits.add(begun - sent, seconds)
            self.last_end = max(self.last_end, end)
            self._at(end, lambda: self._gone(who))
            return
        kill = self.now + grace
        done = begun + seconds <= kill
        self.waits.add(begun[done] - sent[done], seconds)
        self._at(kill, lambda: self._end(who, lane, sent[~done], by_scale_in))

    def _end(
        self, who: int, lane: tuple[float, float, float], sent: Times, by_scale_in: bool
    ) -> None:
        lost = list(sent)
        if lane[FREE] > self.now:
            self.waits.retract(lane[1] - lane[2], self.world.seconds(1, 1))
            lost.append(lane[2])
        self._lose(np.array(lost), by_scale_in)
        self._gone(who)

    def _kill(self, lane: tuple[float, float, float], held: slice, by_scale_in: bool) -> None:
        lost = []
        if lane[FREE] > self.now:
            lost = list(self.backlog.pick(held)) if held.stop else []
            self.waits.retract(lane[1] - lane[2], self.world.seconds(1, 1))
            lost.append(lane[2])
        self._lose(np.array(lost), by_scale_in)

    def _lose(self, sent: Times, by_scale_in: bool) -> None:
        if not len(sent):
            return
        self.hidden += len(sent)
        self.redelivered += len(sent)
        self.redelivered_by_scale_in += len(sent) if by_scale_in else 0
        self._at(self.now + self.world.visibility, lambda: self._show(np.sort(sent)))

    def _show(self, sent: Times) -> None:
        self.hidden -= len(sent)
        self.backlog.add(np.full(len(sent), self.now), sent)

    def _held(self) -> slice:
        """Places in the line of what one busy worker holds beside the picture that it works at."""
        busy = self.pool.busy(self.now)
        ahead = min(len(self.backlog), busy * (self.world.prefetch - 1))
        return slice(0, ahead, busy) if busy and ahead else slice(0, 0)

    def _gone(self, who: int) -> None:
        self.crew.gone(who, self.now)

    def _at(self, when: float, happens: Callable[[], None]) -> None:
        self._sequence += 1
        heappush(self._events, (when, self._sequence, happens))

    @property
    def over(self) -> bool:
        """Whether everything that came has been answered."""
        return (
            self.feed.over
            and not len(self.backlog)
            and not self.hidden
            and self.last_end <= self.now
        )
