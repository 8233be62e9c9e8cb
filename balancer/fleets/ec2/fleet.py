"""Workers on EC2; satisfies `balancer.fleet.Fleet`. Instances outlive the balancer, and are found by tag."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from balancer.fleet import FleetUnavailable, FleetWorker, Order
from balancer.fleets.ec2.calls import Ec2Calls, Threads
from balancer.fleets.ec2.ends import Ends
from balancer.fleets.ec2.faults import Ec2Fault
from balancer.fleets.ec2.gaze import Gaze
from balancer.fleets.ec2.instances import ON_DEMAND, STANDBY, WORKER, Instance
from balancer.fleets.ec2.known import Known
from balancer.fleets.ec2.launcher import Launcher
from balancer.fleets.ec2.nursery import Nursery
from balancer.fleets.ec2.pools import Pool, markets
from balancer.fleets.ec2.standby import wakeable
from balancer.fleets.ec2.waker import Waker
from balancer.prices import Prices
from wire import log

_log = log.get(__name__)

# What the last leader launched in its last moment may not show yet: launching on top of that would be
# a double launch. A lease that was let go of is taken over at once.
TAKEOVER = 10.0


@dataclass(frozen=True, slots=True)
class Ec2Plan:
    """What to launch and where.

    `template` is the id or the name of the launch template, `subnets` has one for each zone (none: the
    template's own), `market` is spot or on-demand. `standby` instances are kept stopped; `warm` is for how
    many seconds each runs before it is.
    """

    deployment: str
    template: str
    types: Sequence[str]
    subnets: Sequence[str] = ()
    market: str = ON_DEMAND
    standby: int = 0
    warm: float = 120.0
    prices: Prices = field(default_factory=Prices)

    def pools(self, market: str) -> list[Pool]:
        """In order of preference: market before type before zone."""
        return [
            Pool(kind, subnet, each, self.prices.hourly(kind, each) or 0.0)
            for each in markets(market)
            for kind in self.types
            for subnet in self.subnets or (None,)
        ]


class Ec2Fleet:
    """The instances of one deployment.

    Args:
        threads: where calls run; `wire.aws.Aws`.
        client: boto3's EC2 client, without retries of its own: a capacity error is a server error.
        plan: what to launch and where.
        clock: seconds, of whatever beginning.
    """

    def __init__(
        self,
        threads: Threads,
        client: Any,
        plan: Ec2Plan,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan = plan
        self._clock = clock
        self._calls = Ec2Calls(threads, client, plan.template, plan.deployment)
        self._gaze = Gaze(self._calls.describe, clock)
        self._known = Known()
        self._ends = Ends(self._calls, self._known, clock)
        self._waker = Waker(self._calls, self._known, clock)
        pools = {WORKER: plan.pools(plan.market), STANDBY: plan.pools(ON_DEMAND)}
        self._launcher = Launcher(self._calls, self._known, pools, plan.deployment, clock)
        self._nursery = Nursery(self._calls, self._known, self._ends, plan.warm, clock)
        # Without a lease nothing tells this run from the last one, whose tokens are not forgotten yet.
        self._run = int(uuid4().hex[:8], 16)
        self._epoch = 0
        self._leads_since = clock()
        self._spent = (Order(0), 0.0)

    async def workers(self) -> list[FleetWorker]:
        try:
            shown = await self._gaze.news()
        except Ec2Fault as fault:
            raise FleetUnavailable(f"EC2 does not list the instances: {fault}") from fault
        if shown is not None:
            self._known.see(shown, self._clock())
            self._launcher.look()
        self._ends.drop_gone()
        working = [self._worker(each) for each in self._known.all() if each.works]
        return working + self._launcher.promised(WORKER)

    async def launch(self, order: Order) -> int:
        order = self._numbered(order)
        if self._takes_over(order):
            _log.info("launch held back: what the last leader launched may not show yet")
            return 0
        chosen = self._paid(wakeable(self._known.all(), order.count), order.hourly)
        woken = await self._waker.wake(chosen, order)
        spent = sum(self._hourly(each) for each in woken)
        missing = replace(order, count=order.count - len(woken))
        done = await self._launcher.launch(_less(missing, spent), WORKER)
        self._spent = (order, spent + done.cost)
        return len(woken) + done.taken

    async def end(self, worker: str, grace: float) -> None:
        if self._known.get(worker) is not None:
            self._ends.schedule(worker, grace)

    async def spare(self, worker: str) -> bool:
        self._ends.spare(worker)
        return True

    async def tend(self, order: Order) -> None:
        order = self._numbered(order)
        held = self._takes_over(order)
        await self._ends.carry_out()
        await self._launcher.settle(order)
        await self._waker.settle(order)
        promised = len(self._launcher.promised(STANDBY))
        missing = await self._nursery.tend(self._plan.standby, promised)
        if missing and not held:
            last, spent = self._spent
            same = (last.epoch, last.tick) == (order.epoch, order.tick)
            wanted = replace(order, count=missing)
            await self._launcher.launch(_less(wanted, spent if same else 0.0), STANDBY)

    async def close(self) -> None:
        await self._gaze.close()

    def _worker(self, instance: Instance) -> FleetWorker:
        return FleetWorker(
            instance.id,
            instance.launched_at,
            ending=instance.id in self._ends,
            hourly=self._hourly(instance),
            kind=instance.kind,
            market=instance.market,
        )

    def _hourly(self, instance: Instance) -> float:
        return self._plan.prices.hourly(instance.kind, instance.market) or 0.0

    def _paid(self, chosen: Sequence[Instance], money: float | None) -> list[Instance]:
        """As many of them, in order, as the money allows."""
        if money is None:
            return list(chosen)
        found: list[Instance] = []
        for instance in chosen:
            money -= self._hourly(instance)
            if money < -1e-9:
                break
            found.append(instance)
        return found

    def _numbered(self, order: Order) -> Order:
        return order if order.epoch else replace(order, epoch=self._run)

    def _takes_over(self, order: Order) -> bool:
        """Whether a former leader's last launches may be on their way unseen."""
        if order.epoch != self._epoch:
            self._epoch, self._leads_since = order.epoch, self._clock()
            self._ends.forget()
        led_before = order.epoch > 1 and order.epoch != self._run
        return led_before and self._clock() - self._leads_since < TAKEOVER


def _less(order: Order, spent: float) -> Order:
    """The order with that much money gone."""
    return order if order.hourly is None else replace(order, hourly=order.hourly - spent)
