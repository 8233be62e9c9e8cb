"""What the balancer sees of the simulated service: the snapshot that it would have taken."""

from balancer.history import History
from balancer.plan import Snapshot
from balancer.simulator.backlog import SENT
from balancer.simulator.service import Service


class View:
    """Fills snapshots. `reported` are arrivals that api replicas had told of when this was last asked."""

    def __init__(self, service: Service, history: History) -> None:
        self._service = service
        self._history = history
        self._empty_since: float | None = None
        self._reported = 0

    def look(self, reported: int) -> Snapshot:
        """One tick's snapshot; `reported` counts arrivals since the beginning as far as known."""
        service, crew, now = self._service, self._service.crew, self._service.now
        line = service.line
        waiting, busy, held = len(line.backlog), line.pool.busy(now), line.held(now)
        queued = waiting - held
        if queued:
            self._empty_since = None
        elif self._empty_since is None:
            self._empty_since = now
        unanswered = service.orders.unanswered(now)
        arrived, self._reported = reported - self._reported, reported
        return Snapshot(
            queued=queued,
            in_flight=busy + held + service.hidden + service.carried,
            workers=max(0, crew.staying - unanswered),
            unanswered=unanswered,
            idle=len(line.pool) - busy,
            busy=busy,
            launching=crew.booting,
            draining=crew.draining,
            fresh=crew.fresh(now),
            empty_since=self._empty_since,
            arrived=float(arrived),
            oldest_wait=now - float(line.backlog.first(1)[SENT, 0]) if waiting else None,
            service_seconds=service.world.full_batch_seconds if line.first_done <= now else None,
            boot_seconds=crew.boot_seconds,
            past=self._history.past(),
        )
