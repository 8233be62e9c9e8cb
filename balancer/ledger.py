"""What the balancer knows of every worker: a row each, from the fleet's list and the workers' reports.

The fleet says who exists; reports only say how they are. Times are seconds on the balancer's clock.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from balancer.fleet import FleetWorker
from balancer.inbox import Heard
from balancer.measures import Measures
from wire.messages import Report

# A terminate message is valid for 5 s; the taker's report needs a moment more to get here. Without it
# a worker that takes its message in the last instant would be counted as staying.
UNANSWERED_FOR = 7.0
FIRST_HOLD = 5.0
LONGEST_HOLD = 60.0


@dataclass(slots=True)
class Row:
    """One worker. `launched_at` is in seconds since the epoch, of its last start; None is not yet known.

    `returned` says that it has worked since it was told to go by `Fleet.end`.
    """

    id: str
    launched_at: float
    seen_at: float
    ready_at: float | None = None
    heard_at: float | None = None
    draining_at: float | None = None
    ending: bool = False
    returned: bool = False
    last: Report | None = None
    sent_at: float = 0.0
    service_seconds: float | None = None
    throughput: float | None = None
    promised: bool = False
    hourly: float = 0.0
    runs_on: str = ""

    @property
    def leaving(self) -> bool:
        return self.ending or self.draining_at is not None

    @property
    def launching(self) -> bool:
        return not self.leaving and self.ready_at is None

    @property
    def failed_to_boot(self) -> bool:
        """Whether, now that it is gone, it never got to work though nobody told it to go."""
        return not self.ending and not self.promised and self.ready_at is None

    @property
    def busy(self) -> bool:
        return self._works_as(busy=True)

    @property
    def idle(self) -> bool:
        return self._works_as(busy=False)

    def _works_as(self, busy: bool) -> bool:
        if self.leaving or self.ready_at is None or self.last is None:
            return False
        return (self.last.state == "busy") is busy


class Ledger:
    """Rows by worker id, terminate messages on their way, and how launches fare.

    `served` counts pictures reported since this ledger began; `failed_boots` counts workers in a row
    that went before they were ready, the last one at `failed_at`. `price` is what a worker costs in
    dollars an hour, None before there was one. `changes` grows with all that must not be forgotten.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.measures = Measures()
        self.served = 0
        self.failed_boots = 0
        self.failed_at = 0.0
        self.price: float | None = None
        self.changes = 0
        self._waits: list[float] = []
        self._unanswered: deque[float] = deque()

    def admit(self, present: Sequence[FleetWorker], now: float) -> None:
        """Open a row for everybody who is new."""
        for worker in present:
            row = self.rows.get(worker.id)
            if row is None:
                row = self.rows[worker.id] = Row(worker.id, worker.launched_at, now)
                self.changes += 1
            elif _began_anew(row, worker):
                # What it said before may still be on its way: it is older than its start.
                start = worker.launched_at
                row = self.rows[worker.id] = Row(worker.id, start, now, sent_at=start)
                self.changes += 1
            row.launched_at = worker.launched_at
            # The fleet may have forgotten an end. It never knew of one of somebody who was but promised.
            row.ending = worker.ending or (row.ending and worker.promised)
            row.promised, row.hourly = worker.promised, worker.hourly
            row.runs_on = row.runs_on or f"{worker.kind} {worker.market}".strip()
        stay = [row.hourly for row in self.rows.values() if not (row.leaving or row.promised)]
        self.price = fmean(stay) if stay else self.price

    def hear(self, heard: Heard) -> None:
        """Enter a report. Reports may overtake each other: an older one changes nothing."""
        row = self.rows.get(heard.report.sender)
        if row is None or heard.sent_at < row.sent_at:
            return
        self._count(row.last, heard.report)
        row.last, row.sent_at, row.heard_at = heard.report, heard.sent_at, heard.at
        row.service_seconds = heard.report.service_seconds or row.service_seconds
        row.throughput = heard.report.throughput or row.throughput
        if heard.report.oldest_wait is not None:
            self._waits.append(heard.report.oldest_wait)
        # A worker whose model does not load reports stopped without ever having been ready.
        if row.ready_at is None and heard.report.state not in {"started", "stopped"}:
            self._ready(row, heard)
        if heard.report.state in {"draining", "stopped"}:
            self._drains(row, heard)
        works = heard.report.state in {"ready", "idle", "busy"} and not heard.report.standby
        row.returned = row.ending and row.draining_at is None and works

    def dismiss(self, present: Sequence[FleetWorker], now: float) -> list[Row]:
        """Close the rows of those who are gone, and return them."""
        there = {worker.id for worker in present}
        gone = [row for row in self.rows.values() if row.id not in there]
        for row in gone:
            del self.rows[row.id]
            self.changes += 1
            if row.failed_to_boot:
                self.failed_boots += 1
                self.failed_at = now
        return gone

    def terminates_sent(self, count: int, now: float) -> None:
        """Remember terminate messages until they are answered or expire."""
        self._unanswered.extend([now] * count)

    def staying(self, now: float) -> int:
        """N_w: running or launching, without those that leave and unanswered terminate messages."""
        stay = sum(not row.leaving for row in self.rows.values())
        return max(0, stay - self.unanswered(now))

    def unanswered(self, now: float) -> int:
        """Terminate messages that nobody has answered and somebody may yet take."""
        while self._unanswered and now - self._unanswered[0] >= UNANSWERED_FOR:
            self._unanswered.popleft()
        return len(self._unanswered)

    def longest_wait(self) -> float | None:
        """The longest wait, in seconds, of a message that workers took since this was last asked."""
        waits, self._waits = self._waits, []
        return max(waits, default=None)

    def hold_left(self, now: float) -> float:
        """Seconds for which nothing should be launched, because what was launched last fell over."""
        if not self.failed_boots:
            return 0.0
        hold = min(LONGEST_HOLD, FIRST_HOLD * 2.0 ** min(self.failed_boots - 1, 10))
        return max(0.0, self.failed_at + hold - now)

    def service_seconds(self) -> float | None:
        """Seconds of one worker for one picture; see `balancer.measures`."""
        rows = self.rows.values()
        return self.measures.worked(
            (row.throughput for row in rows if row.throughput),
            (row.service_seconds for row in rows if row.service_seconds),
        )

    def spared(self, worker: str) -> None:
        """The end of this one was taken back: it is capacity again."""
        row = self.rows[worker]
        row.ending = row.returned = False
        self.changes += 1

    def runs_on(self) -> dict[str, int]:
        """How many workers there are of each type and market, where the fleet has such."""
        return dict(Counter(row.runs_on for row in self.rows.values() if row.runs_on))

    def hourly(self) -> float:
        """What all workers that exist cost, in dollars an hour; leaving ones cost until they are gone."""
        return sum(row.hourly for row in self.rows.values())

    def _ready(self, row: Row, heard: Heard) -> None:
        # One on standby waits to be activated; until then it is no capacity.
        if heard.report.standby:
            return
        row.ready_at = heard.at
        self.failed_boots = 0
        self.changes += 1
        if heard.report.state == "ready":
            self.measures.booted(heard.sent_at - row.launched_at, heard.at - row.seen_at)

    def _drains(self, row: Row, heard: Heard) -> None:
        if row.draining_at is not None:
            return
        row.draining_at = heard.at
        self.changes += 1
        # Of one that goes for another reason the message is still out, and a second worker may take it.
        may_have_taken = heard.report.took_terminate and not row.ending
        if self._unanswered and may_have_taken and row.ready_at is not None:
            self._unanswered.popleft()

    def _count(self, before: Report | None, report: Report) -> None:
        if before is not None:
            self.served += max(0, report.served - before.served)
        elif report.state == "started":
            self.served += report.served


def _began_anew(row: Row, worker: FleetWorker) -> bool:
    """Whether a standby was put to sleep and woken since it last said a word: what it said is over."""
    return row.launched_at < worker.launched_at and 0.0 < row.sent_at < worker.launched_at
