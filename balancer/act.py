"""Carry a plan out: launch, send terminate messages, end those who were waited for long enough."""

from dataclasses import replace

from balancer.fleet import Fleet, Order
from balancer.ledger import Ledger
from balancer.patience import Patience
from balancer.plan import Plan
from balancer.watch import Watch
from wire import log
from wire.messages import Terminate
from wire.queues import Queue

_log = log.get(__name__)


class Actor:
    """The balancer's hands; the only place that changes the fleet."""

    def __init__(
        self, fleet: Fleet, terminate: Queue, ledger: Ledger, watch: Watch, patience: Patience
    ) -> None:
        self._fleet = fleet
        self._terminate = terminate
        self._ledger = ledger
        self._watch = watch
        self._patience = patience

    async def act(self, plan: Plan, tick: int, now: float) -> Plan:
        """Do it, and return what was done: the plan, less what was held back or did not come.

        Raises:
            QueueUnavailable: terminate messages could not be sent; launches are done by then.
        """
        await self._end_overdue(now)
        hold = self._ledger.hold_left(now)
        if plan.launch and hold:
            held = (
                f"{plan.reason}; held back {hold:.0f} s, {self._ledger.failed_boots} boots failed"
            )
            plan = replace(plan, launch=0, reason=held)
        if plan.launch:
            came = await self._fleet.launch(Order(plan.launch, tick=tick))
            plan = replace(plan, launch=came)
        if plan.terminate:
            await self._send_terminates(plan, tick, now)
        return plan

    async def _send_terminates(self, plan: Plan, tick: int, now: float) -> None:
        body = Terminate(reason=plan.reason, tick=tick).encode()
        try:
            await self._terminate.send_many([body] * plan.terminate)
        finally:
            # A failed call may have sent some: taking all for sent keeps the least number of workers.
            self._ledger.terminates_sent(plan.terminate, now)

    async def _end_overdue(self, now: float) -> None:
        rows = self._ledger.rows
        for late in self._patience.overdue(rows.values(), self._watch.since, now):
            _log.warning("worker is ended", worker=late.worker, why=late.reason)
            rows[late.worker].ending = True
            await self._fleet.end(late.worker, late.grace)
