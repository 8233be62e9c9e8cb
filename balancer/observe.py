"""One look at the queue, the reports and the fleet: a snapshot."""

from collections.abc import Iterable

from balancer.fleet import Fleet
from balancer.inbox import Inbox
from balancer.ledger import Ledger, Row
from balancer.plan import Snapshot
from balancer.replicas import Replicas
from balancer.watch import Watch
from wire import log
from wire.queues import Queue

_log = log.get(__name__)


class Observer:
    """Fills the ledger and the table of replicas, and sums them up for a policy."""

    def __init__(
        self,
        fleet: Fleet,
        requests: Queue,
        inbox: Inbox,
        ledger: Ledger,
        replicas: Replicas,
        watch: Watch,
    ) -> None:
        self._fleet = fleet
        self._requests = requests
        self._inbox = inbox
        self._ledger = ledger
        self._replicas = replicas
        self._watch = watch
        self._empty_since: float | None = None

    async def observe(self, now: float) -> Snapshot:
        """Look once.

        Raises:
            QueueUnavailable, QueueMissing: the queues could not be read; the tick saw nothing, and an
                empty queue is counted from anew.
        """
        empty_since, self._empty_since = self._empty_since, None
        await self._read(now)
        depth = await self._requests.depth()
        if depth.visible == 0:
            self._empty_since = now if empty_since is None else empty_since
        return self._snapshot(depth.visible, depth.in_flight, now)

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
        # Those whose reports still wait were not silent.
        if taken.complete:
            self._watch.looked(now)
        for row in self._ledger.dismiss(present, now):
            _tell(row)

    def _snapshot(self, queued: int, in_flight: int, now: float) -> Snapshot:
        rows = self._ledger.rows.values()
        waits = (self._replicas.oldest_wait(now), self._ledger.longest_wait())
        return Snapshot(
            queued=queued,
            in_flight=in_flight,
            workers=self._ledger.staying(now),
            idle=sum(row.idle for row in rows),
            busy=sum(row.busy for row in rows),
            launching=sum(row.launching for row in rows),
            draining=sum(row.leaving for row in rows),
            empty_since=self._empty_since,
            oldest_wait=max((wait for wait in waits if wait is not None), default=None),
            service_seconds=_service(rows),
        )


def _service(rows: Iterable[Row]) -> float | None:
    times = [row.service_seconds for row in rows if row.service_seconds is not None]
    return sum(times) / len(times) if times else None


def _tell(row: Row) -> None:
    last = row.last.state if row.last else "launching"
    if row.failed_to_boot:
        _log.warning("worker went before it was ready", worker=row.id, last_state=last)
    elif row.leaving:
        _log.info("worker left", worker=row.id)
    else:
        _log.warning("worker died", worker=row.id, last_state=last)
