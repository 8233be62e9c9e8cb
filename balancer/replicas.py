"""What the balancer knows of the front end's replicas: when each was last heard, and whether it left."""

from collections.abc import Collection
from dataclasses import dataclass

from balancer.answered import Answers
from balancer.inbox import Heard
from balancer.watch import Watch
from wire.messages import Report

MOMENT = 5.0  # seconds that a report may be late
LATELY = 10.0  # seconds; while requests wait there is a report every 5 s
LEAVING = 90.0  # seconds after which who said that it goes has gone, its last word lost


@dataclass(slots=True)
class Replica:
    """One replica; times are seconds on the balancer's clock."""

    heard_at: float
    sent_at: float
    stopped: bool = False
    draining: bool = False
    oldest_wait: float | None = None
    unanswered: int = 0
    submitted: int | None = None


class Replicas:
    """Replicas by id.

    One that was never heard counts as silent since its queue was first listed: it may have started a
    moment ago, its first report still unread. `heartbeat` is how often, in seconds, replicas report.
    """

    def __init__(self, watch: Watch, heartbeat: float) -> None:
        self._watch = watch
        self._recent = heartbeat + MOMENT
        self.answers = Answers(self._recent)
        self._known: dict[str, Replica] = {}
        self._listed: dict[str, float] = {}
        self._just_stopped: set[str] = set()
        self._submitted = 0

    def hear(self, heard: Heard) -> None:
        """Enter a replica's report; one that has stopped never comes back under its id."""
        report = heard.report
        known = self._known.setdefault(report.sender, Replica(heard.at, heard.sent_at))
        self._count(known, report)
        self.answers.hear(heard)
        if heard.sent_at >= known.sent_at:
            known.heard_at, known.sent_at = heard.at, heard.sent_at
            if report.state == "stopped" and not known.stopped:
                known.stopped = True
                self._just_stopped.add(report.sender)
            known.draining = report.state == "draining"
            known.oldest_wait, known.unanswered = report.oldest_wait, report.unanswered or 0

    def begin(self) -> None:
        """Somebody else listened meanwhile: what was submitted until the next reports is known there."""
        for replica in self._known.values():
            replica.submitted = None
        self.answers.begin()

    def _count(self, known: Replica, report: Report) -> None:
        if report.submitted is None:
            return
        if known.submitted is None:
            # What it submitted before it was first heard was counted elsewhere, or is long done.
            known.submitted = 0 if report.state == "started" else report.submitted
        self._submitted += max(0, report.submitted - known.submitted)
        known.submitted = max(known.submitted, report.submitted)

    def submitted(self) -> int:
        """Jobs that replicas put into the queue since this was last asked, as far as they have said."""
        found, self._submitted = self._submitted, 0
        return found

    def listed(self, replica: str, now: float) -> None:
        """Its queue exists; the first time counts."""
        self._listed.setdefault(replica, now)

    def just_stopped(self) -> set[str]:
        """Those who said that they go since this was last asked."""
        found, self._just_stopped = self._just_stopped, set()
        return found

    def has_stopped(self, replica: str, now: float) -> bool:
        """Whether it has gone, as it said: nobody reads its queue any more.

        Each report is read once, and a read whose answer is lost takes the last word of a replica along.
        """
        known = self._known.get(replica)
        if known is None:
            return False
        return known.stopped or (known.draining and self.silent_for(replica, now) > LEAVING)

    def silent_for(self, replica: str, now: float) -> float:
        """Seconds since it was heard, or first listed if it never was.

        0 while the reports themselves have not been read lately.
        """
        if not self._watch.is_fresh(now):
            return 0.0
        known = self._known.get(replica)
        if known is None:
            return max(0.0, now - max(self._watch.since, self._listed.get(replica, now)))
        # A stopped replica is not silent but gone: no gap in the listening speaks for it.
        since = known.heard_at if known.stopped else max(known.heard_at, self._watch.since)
        return max(0.0, now - since)

    def oldest_wait(self, now: float) -> float | None:
        """Seconds that some client had waited at the last heartbeats, whether or not its job is in work."""
        waits = [
            each.oldest_wait
            for each in self._known.values()
            if each.oldest_wait is not None
            and not each.stopped
            and now - each.heard_at <= self._recent
        ]
        return max(waits, default=None)

    def unanswered(self, now: float) -> int:
        """How many jobs, sent lately, had no answer by what was said lately."""
        return sum(
            each.unanswered
            for each in self._known.values()
            if not each.stopped and now - each.heard_at <= LATELY
        )

    def forget_silent(self, but: Collection[str], seconds: float, now: float) -> None:
        """Drop those silent for longer than that, except the named ones: those whose queue is listed."""
        self._listed = {replica: at for replica, at in self._listed.items() if replica in but}
        for replica in list(self._known):
            if replica not in but and self.silent_for(replica, now) > seconds:
                del self._known[replica]
                self.answers.forget(replica)
