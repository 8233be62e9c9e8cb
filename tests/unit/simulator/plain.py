"""The simulated service once more, one event after the other and one picture at a time, to compare with.

A worker here looks at terminate messages with each request that it begins, never by time.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from math import inf

EARLIEST_FIRST = {"ready": 0, "gone": 0, "done": 1, "came": 3, "told": 2, "shown": 0}


@dataclass(eq=False)
class Worker:
    launched: float
    free: float = 0.0
    picture: float | None = None
    begun: float = 0.0
    leaving: bool = False
    gone_at: float = inf


@dataclass
class Plain:
    """`orders` are (second, "launch" or "terminate" or "kill", count or place); kills name a worker by
    its place among all launched ones.
    """

    boot: float
    service: float
    valid: float = 5.0
    visibility: float = 30.0
    paid: float = 60.0
    events: list = field(default_factory=list)
    sequence: count = field(default_factory=count)
    line: list = field(default_factory=list)
    crew: list = field(default_factory=list)
    messages: list = field(default_factory=list)
    waits: list = field(default_factory=list)
    workers: list = field(default_factory=list)
    redelivered: int = 0

    def run(self, arrivals, orders, initial):
        for at in arrivals:
            self.at(at, "came", at)
        for at, what, number in orders:
            self.at(at, "told", (what, number))
        for _ in range(initial):
            self.workers.append(Worker(0.0))
            self.at(0.0, "ready", self.workers[-1])
        while self.events:
            now, _, _, what, subject = heappop(self.events)
            getattr(self, what)(now, subject)
            self.match(now)
        return self

    def paid_until(self, end):
        return sum(max(min(w.gone_at, end) - w.launched, self.paid) for w in self.workers)

    def at(self, when, what, subject):
        heappush(self.events, (when, EARLIEST_FIRST[what], next(self.sequence), what, subject))

    def came(self, now, sent):
        self.line.append(sent)

    shown = came

    def told(self, now, order):
        what, number = order
        if what == "launch":
            for _ in range(number):
                self.workers.append(Worker(now))
                self.at(now + self.boot, "ready", self.workers[-1])
        elif what == "terminate":
            self.messages += [now] * number
        else:
            worker = self.workers[number % len(self.workers)]
            if worker in self.crew:
                self.leave(now, worker)
                if worker.picture is not None:
                    self.redelivered += 1
                    self.at(now + self.visibility, "shown", worker.picture)
                    self.waits.remove((worker.begun, worker.picture))
                self.gone(now, worker)

    def ready(self, now, worker):
        worker.free = now
        self.crew.append(worker)

    def done(self, now, worker):
        if worker.gone_at < inf or worker.picture is None:
            return
        worker.picture, worker.free = None, now
        if worker.leaving:
            self.gone(now, worker)

    def gone(self, now, worker):
        worker.gone_at = now

    def leave(self, now, worker):
        worker.leaving = True
        self.crew.remove(worker)

    def match(self, now):
        self.messages = [sent for sent in self.messages if now < sent + self.valid]
        idle = sorted((w for w in self.crew if w.picture is None), key=lambda w: w.free)
        while idle and self.line:
            worker = idle.pop(0)
            worker.picture, worker.begun = self.line.pop(0), now
            self.waits.append((now, worker.picture))
            self.at(now + self.service, "done", worker)
            if self.messages and now - worker.launched >= self.paid:
                self.messages.pop(0)
                self.leave(now, worker)
        for worker in idle:
            if self.messages and now - worker.launched >= self.paid:
                self.messages.pop(0)
                self.leave(now, worker)
                self.gone(now, worker)
