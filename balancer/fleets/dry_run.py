"""A fleet that only says what it would do."""

from balancer.fleet import FleetWorker
from wire import log

_log = log.get(__name__)


class DryRunFleet:
    """Has no workers and launches none; satisfies `balancer.fleet.Fleet`."""

    async def workers(self) -> list[FleetWorker]:
        return []

    async def launch(self, count: int) -> None:
        _log.info("would launch", count=count)

    async def end(self, worker: str, grace: float) -> None:
        _log.info("would end", worker=worker, grace=grace)

    async def close(self) -> None:
        return
