"""How long a worker is waited for, and who has been waited for long enough."""

from collections.abc import Iterable
from dataclasses import dataclass

from balancer.ledger import Row


@dataclass(frozen=True, slots=True)
class Overdue:
    """A worker to end: within `grace` seconds, for this reason."""

    worker: str
    grace: float
    reason: str


@dataclass(frozen=True, slots=True)
class Patience:
    """Graces in seconds.

    `boot` is for a launched worker to report that it is ready, `silence` for a working one to report
    at all, `stop` for a leaving one to finish what it holds.
    """

    boot: float
    silence: float
    stop: float

    def overdue(self, rows: Iterable[Row], watching_since: float, now: float) -> list[Overdue]:
        """Whom to end. Nobody was silent while the balancer did not listen: see `watching_since`."""
        found = (self._judge(row, watching_since, now) for row in rows if not row.ending)
        return [overdue for overdue in found if overdue is not None]

    def _judge(self, row: Row, watching_since: float, now: float) -> Overdue | None:
        if row.draining_at is not None:
            if now - row.draining_at > self.stop:
                return Overdue(row.id, 0.0, "it was draining for longer than the stop grace")
            return None
        if row.ready_at is None:
            if now - max(row.seen_at, watching_since) > self.boot:
                return Overdue(row.id, 5.0, "it never reported ready")
            return None
        if now - max(row.heard_at or 0.0, watching_since) > self.silence:
            return Overdue(row.id, self.stop, "it has fallen silent")
        return None
