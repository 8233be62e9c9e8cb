"""One look at the queue, the reports and the fleet: a snapshot."""

from dataclasses import replace

from balancer.answered import Answered
from balancer.arrivals import Arrivals
from balancer.fleet import Fleet
from balancer.history import History
from balancer.inbox import Inbox
from balancer.ledger import Ledger, Row
from balancer.plan import Snapshot
from balancer.replicas import Replicas
from balancer.watch import Watch
from wire import log
from wire.queues import Depth, Queue

_log = log.get(__name__)


class Observer:
    """Fills the ledger and the table of replicas, and sums them up for a policy.

    `paid_minute` is how long, in seconds after its launch, a worker counts as fresh. `history` holds the
    earlier ticks.
    """

    def __init__(
        self,
        fleet: Fleet,
        requests: Queue,
        inbox: Inbox,
        ledger: Ledger,
        replicas: Replicas,
        watch: Watch,
        paid_minute: float = 0.0,
    ) -> None:
        self._fleet = fleet
        self._requests = requests
        self._inbox = inbox
        self._ledger = ledger
        self._replicas = replicas
        self._watch = watch
        self._paid_minute = paid_minute
        self._empty_since: float | None = None
        self._emptied_at: float | None = None
        self._arrivals = Arrivals()
        self.history = History()

    def begin(self, now: float) -> None:  # noqa: ARG002
        """Nobody looked before: how long the queue has been empty is not known."""
        self._empty_since = None

    async def look(self, now: float) -> Depth:
        """Fleet and reports into the ledger, and how deep the queue is.

        Raises:
            QueueUnavailable, QueueMissing: the queues could not be read; the tick saw nothing, and an
                empty queue is counted from anew.
            FleetUnavailable: nobody could say who exists.
        """
        empty_since, self._empty_since = self._empty_since, None
        await self._read(now)
        depth = self._witnessed(await self._requests.depth(), now)
        if depth.visible == 0:
            self._empty_since = now if empty_since is None else empty_since
            self._emptied_at = now
        return depth

    def nobody(self) -> bool:
        """Whether there is no worker that works or will."""
        return all(row.leaving for row in self._ledger.rows.values())

    def answered(self) -> Answered:
        """How requests fared since this was last asked, as far as replicas have said."""
        return self._replicas.answers.take()

    def watched(self, now: float) -> bool:
        """Whether somebody has an operator's page open."""
        return self._replicas.answers.watched(now)

    def keys_age(self, now: float) -> float | None:
        """For how long, in seconds, the replica that is worst off has not read the API keys."""
        return self._replicas.answers.keys_age(now)

    def _witnessed(self, depth: Depth, now: float) -> Depth:
        # SQS counts approximately, and late: where nobody works, a replica's word that jobs it has just
        # sent wait for their answers is better evidence than a 0.
        if not self.nobody():
            return depth
        waiting = self._replicas.unanswered(now) - depth.in_flight
        return replace(depth, visible=max(depth.visible, waiting))

    async def _read(self, now: float) -> None:
        # The fleet before the reports: whatever a worker said before it went is then still counted.
        present = await self._fleet.workers()
        self._ledger.admit(present, now)
        taken = await self._inbox.take()
        for heard in taken.heard:
            if heard.report.kind == "api":
                self._replicas.hear(heard)
            else:
                self._ledger.hear(heard)
        # Those whose reports still wait, or expired while others were read, were not silent.
        if taken.complete:
            self._watch.looked(now)
        else:
            self._watch.begin(now)
        for row in self._ledger.dismiss(present, now):
            _tell(row)

    def snapshot(self, depth: Depth, now: float) -> Snapshot:
        """What the ledger says now, with the depth of the queue that was seen."""
        rows = self._ledger.rows.values()
        return Snapshot(
            queued=depth.visible,
            in_flight=depth.in_flight,
            workers=self._ledger.staying(now),
            idle=sum(row.idle for row in rows),
            busy=sum(row.busy for row in rows),
            launching=sum(row.launching for row in rows),
            draining=sum(row.leaving for row in rows),
            unanswered=self._ledger.unanswered(now),
            ending=sum(row.ending and row.draining_at is None for row in rows),
            fresh=sum(not row.leaving and now - row.seen_at < self._paid_minute for row in rows),
            empty_since=self._empty_since,
            arrived=self._arrived(depth),
            oldest_wait=self._oldest_wait(depth, now),
            service_seconds=self._ledger.service_seconds(),
            boot_seconds=self._ledger.measures.boot_seconds,
            past=self.history.past(),
        )

    def _oldest_wait(self, depth: Depth, now: float) -> float | None:
        measured, told = self._ledger.longest_wait(), self._replicas.oldest_wait(now)
        # Clients wait for what is in work as well. What waits for a worker came after the queue was
        # last seen empty; the age of what came back to it is measured when it is received.
        if told is None or depth.visible == 0:
            return measured
        if self._emptied_at is not None:
            told = min(told, now - self._emptied_at)
        return max(told, measured or 0.0)

    def _arrived(self, depth: Depth) -> float:
        past = self.history.past()
        before = past[-1].queued + past[-1].in_flight if past else depth.visible + depth.in_flight
        growth = depth.visible + depth.in_flight - before
        return self._arrivals.count(self._replicas.submitted(), growth)


def _tell(row: Row) -> None:
    last = row.last.state if row.last else "launching"
    if row.promised:
        return
    if row.failed_to_boot:
        _log.warning("worker went before it was ready", worker=row.id, last_state=last)
    elif row.leaving:
        _log.info("worker left", worker=row.id, why=row.last and row.last.reason)
    else:
        _log.warning("worker died", worker=row.id, last_state=last)
