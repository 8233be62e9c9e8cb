"""Carry a plan out: launch, send terminate messages, end those who were waited for long enough."""

from collections.abc import Callable
from dataclasses import replace

from balancer.boots import Boots
from balancer.fleet import Fleet, Order
from balancer.ledger import UNANSWERED_FOR, Ledger
from balancer.patience import Overdue, Patience
from balancer.plan import Plan
from balancer.steps import BOOTING
from balancer.watch import Watch
from wire import log
from wire.messages import Terminate
from wire.queues import Queue

_log = log.get(__name__)


class LeaseRanOut(Exception):
    """This balancer may not act any more: another one may lead by now."""

    def __str__(self) -> str:
        return "the lease ran out"


def broken_off(plan: Plan, fault: Exception) -> Plan:
    """The plan with the reason why it is not carried any further."""
    return replace(plan, reason=f"{plan.reason}; broken off: {str(fault) or type(fault).__name__}")


def _fewer(plan: Plan, launch: int, why: str) -> Plan:
    held_back = plan.launch - launch
    return replace(plan, launch=launch, held_back=held_back, reason=f"{plan.reason}; {why}")


class Actor:
    """The balancer's hands; the only place that changes the fleet.

    `may_act` is asked before every change: a tick can take longer than what is left of the lease.
    `boots` says how many workers may boot at the same time, None where none is in another's way.
    """

    def __init__(
        self,
        fleet: Fleet,
        terminate: Queue,
        ledger: Ledger,
        watch: Watch,
        patience: Patience,
        may_act: Callable[[], bool] = lambda: True,
        boots: Boots | None = None,
    ) -> None:
        self._fleet = fleet
        self._terminate = terminate
        self._ledger = ledger
        self._watch = watch
        self._patience = patience
        self._may_act = may_act
        self._boots = boots
        self._quiet_until = float("-inf")

    def begin(self, now: float) -> None:
        """Take over: terminate messages of the balancer before may still be on their way, unseen."""
        self._quiet_until = now + UNANSWERED_FOR

    async def end_overdue(self, now: float) -> tuple[list[Overdue], Exception | None]:
        """End whoever was waited for long enough; they are no capacity from then on.

        Returns:
            Those who were ended, and what kept the others from it, if anything did.
        """
        ended: list[Overdue] = []
        try:
            await self._end_overdue(ended, now)
        except Exception as fault:
            return ended, fault
        return ended, None

    async def _end_overdue(self, ended: list[Overdue], now: float) -> None:
        """Add each to `ended` as soon as it was told.

        Who works again before that is done is spared: nothing but a report tells of a worker, and an
        instance that never heard of its end takes work until it is terminated.

        Raises:
            LeaseRanOut, FleetUnavailable: some may be told already.
        """
        await self._spare_returned()
        rows, boots = self._ledger.rows, self._ledger.measures.boot_seconds
        overdue = self._patience.overdue(rows.values(), self._watch.since, now, boots)
        for late in overdue:
            self._check()
            _log.warning("worker is ended", worker=late.worker, why=late.reason)
            await self._fleet.end(late.worker, late.grace)
            rows[late.worker].ending = True
            ended.append(late)

    async def _spare_returned(self) -> None:
        for row in self._ledger.rows.values():
            if row.ending and row.returned and await self._fleet.spare(row.id):
                _log.info("worker is not ended: it works again", worker=row.id)
                self._ledger.spared(row.id)

    async def act(self, plan: Plan, order: Order, now: float) -> tuple[Plan, Exception | None]:
        """Do it.

        Args:
            plan: what the policy wants.
            order: epoch, tick and money of this tick; its count is the plan's.
            now: seconds on the balancer's clock.

        Returns:
            What was done: the plan, less what was held back or did not come. And what broke it off, if
            anything did: LeaseRanOut before whatever is not done by then; FleetUnavailable; or
            QueueUnavailable, when terminate messages may or may not have been sent.
        """
        plan = self._held_back(plan, now)
        done = replace(plan, launch=0, terminate=0)
        try:
            if plan.launch:
                self._check()
                came = await self._fleet.launch(replace(order, count=plan.launch))
                done = replace(done, launch=came)
            if plan.terminate:
                self._check()
                # As in the ledger: what may have been sent was.
                done = replace(done, terminate=plan.terminate)
                await self._send_terminates(plan, order.tick, now)
            self._check()
            await self._fleet.tend(order)
        except Exception as fault:
            return broken_off(done, fault), fault
        return done, None

    def _held_back(self, plan: Plan, now: float) -> Plan:
        hold = self._ledger.hold_left(now)
        if plan.launch and hold:
            failed = f"held back {hold:.0f} s, {self._ledger.failed_boots} boots failed"
            return _fewer(plan, 0, failed)
        if plan.terminate and now < self._quiet_until:
            wait = "the balancer before may have sent some"
            return replace(plan, terminate=0, reason=f"{plan.reason}; {wait}")
        return self._one_after_another(plan, now)

    def _one_after_another(self, plan: Plan, now: float) -> Plan:
        if self._boots is None:
            return plan
        ledger = self._ledger
        room = self._boots.room(ledger.rows.values(), ledger.measures.boot_seconds, now)
        if plan.launch <= room:
            return plan
        fewer = _fewer(plan, room, f"{self._boots.at_once} boots at a time here")
        return replace(fewer, bound=plan.bound or BOOTING)

    async def _send_terminates(self, plan: Plan, tick: int, now: float) -> None:
        body = Terminate(reason=plan.reason, tick=tick).encode()
        try:
            await self._terminate.send_many([body] * plan.terminate)
        finally:
            # A failed call may have sent some: taking all for sent keeps the least number of workers.
            self._ledger.terminates_sent(plan.terminate, now)

    def _check(self) -> None:
        if not self._may_act():
            raise LeaseRanOut
