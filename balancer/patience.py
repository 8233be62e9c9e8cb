"""How long a worker is waited for, and who has been waited for long enough."""

from collections.abc import Iterable
from dataclasses import dataclass

from balancer.ledger import Row

# A boot is late when it takes three times as long as boots do, and half a minute at least: machines that
# boot together share a disk, a network or two cores.
LATE_BY = 3.0
LATE_AT_LEAST = 30.0


@dataclass(frozen=True, slots=True)
class Overdue:
    """A worker to end: within `grace` seconds, for this reason. `booting` says that it never got ready."""

    worker: str
    grace: float
    reason: str
    booting: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """Graces in seconds.

    `boot` is the longest that a launched worker has to report that it is ready, `silence` is for a
    working one to report at all. `stop` is for a leaving one to finish what it holds; `visibility` later
    its messages are visible again, and nothing is lost when it is removed.
    """

    boot: float
    silence: float
    stop: float
    visibility: float = 30.0

    @property
    def leave(self) -> float:
        """Seconds after which a leaving worker is removed by force."""
        return self.stop + self.visibility

    def boot_grace(self, measured: float | None) -> float:
        """Seconds for which a launching worker counts as capacity; then it is replaced."""
        if measured is None:
            return self.boot
        return min(self.boot, max(LATE_BY * measured, measured + LATE_AT_LEAST))

    def overdue(
        self,
        rows: Iterable[Row],
        watching_since: float,
        now: float,
        boot_seconds: float | None = None,
    ) -> list[Overdue]:
        """Whom to end. Nobody was silent while the balancer did not listen: see `watching_since`."""
        grace = self.boot_grace(boot_seconds)
        found = (self._judge(row, watching_since, now, grace) for row in rows if not row.ending)
        return [overdue for overdue in found if overdue is not None]

    def _judge(self, row: Row, watching_since: float, now: float, boot: float) -> Overdue | None:
        if row.draining_at is not None:
            return self._leaving(row, row.draining_at, watching_since, now)
        if row.ready_at is None:
            if now - max(row.seen_at, watching_since) > boot:
                return Overdue(row.id, 5.0, f"it was not ready within {boot:.0f} s", booting=True)
            return None
        if now - max(row.heard_at or 0.0, watching_since) > self.silence:
            return Overdue(row.id, self.leave, "it has fallen silent")
        return None

    def _leaving(self, row: Row, since: float, watching: float, now: float) -> Overdue | None:
        if now - max(since, watching) > self.leave:
            return Overdue(row.id, 0.0, "it was draining for longer than its grace")
        # It holds nothing any more, and what it runs on should have gone with it.
        stopped = row.last is not None and row.last.state == "stopped"
        if stopped and now - max(row.heard_at or since, watching) > self.visibility:
            return Overdue(row.id, 0.0, "it has stopped but is still there")
        return None
