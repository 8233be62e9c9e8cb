"""A fleet that only says what it would do."""

from balancer.fleet import FleetWorker, Order
from wire import log

_log = log.get(__name__)


class DryRunFleet:
    """Has no workers and launches none; satisfies `balancer.fleet.Fleet`."""

    async def workers(self) -> list[FleetWorker]:
        return []

    async def launch(self, order: Order) -> int:
        _log.info("would launch", count=order.count)
        return 0

    async def end(self, worker: str, grace: float) -> None:
        _log.info("would end", worker=worker, grace=grace)

    async def spare(self, worker: str) -> bool:  # noqa: ARG002
        return True

    async def tend(self, order: Order) -> None:  # noqa: ARG002
        return

    async def close(self) -> None:
        return
