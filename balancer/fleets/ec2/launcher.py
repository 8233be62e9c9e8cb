"""Launching: a round of RunInstances calls a tick, and the settling of those that got no answer.

A call whose answer is lost may have launched. It stays a promise, counted in full, until Describe
shows as many instances with its token as were asked for, or the same call, made again with the same token a
tick later, says what came. EC2 launches nothing on that second call if the first one did. Describe goes
first because an endpoint that knows no client tokens, as emulators do, shows at once what it launched.
Only the epoch that made a call repeats it: another leader may have launched instead in between.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from balancer.fleet import FleetWorker, Order
from balancer.fleets.ec2.bucket import Bucket
from balancer.fleets.ec2.calls import LONGEST, Ec2Calls, Launch
from balancer.fleets.ec2.faults import Ec2Fault, Fault
from balancer.fleets.ec2.instances import ENDED
from balancer.fleets.ec2.known import UNSEEN, Known
from balancer.fleets.ec2.pools import Drought, Pool, turned
from balancer.fleets.ec2.round import Ask, Round
from balancer.fleets.ec2.tokens import client_token
from wire import log

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Promise:
    """A call that was not answered. `since` is on the fleet's clock, `at` in seconds since the epoch."""

    order: Order
    launch: Launch
    since: float
    at: float


class Launcher:
    """Launches from pools.

    Args:
        calls: to EC2.
        known: is told what came.
        pools: by the role of what is launched, in order of preference.
        scope: goes into every token.
        clock: seconds, of whatever beginning.
    """

    def __init__(
        self,
        calls: Ec2Calls,
        known: Known,
        pools: Mapping[str, Sequence[Pool]],
        scope: str,
        clock: Callable[[], float],
    ) -> None:
        self._calls = calls
        self._known = known
        self._pools = pools
        self._scope = scope
        self._clock = clock
        self._drought = Drought()
        self._requests = Bucket(size=5, rate=2.0)
        self._instances = Bucket(size=1000, rate=2.0)
        self._promises: list[Promise] = []

    async def launch(self, order: Order, role: str) -> Round:
        """Launch up to `order.count` for up to `order.hourly`; the round says what came of it."""
        began = self._clock()
        pools = turned(self._pools[role], order.tick)
        done = Round(order.count, self._drought.order(pools, began), order.hourly)
        while (ask := done.next(self._instances.left(began))) is not None:
            now = self._clock()
            if now - began > LONGEST or not self._requests.take(now):
                break
            await self._ask(order, role, done, ask)
        return done

    def look(self) -> None:
        """Drop the promises that were kept, and those that nobody can believe in any longer."""
        now = self._clock()
        self._promises = [
            promise
            for promise in self._promises
            if self._missing(promise) and now - promise.since < UNSEEN
        ]

    async def settle(self, order: Order) -> None:
        """Repeat what was not answered in an earlier tick of this epoch; drop what is another's."""
        self._promises = [each for each in self._promises if each.order.epoch == order.epoch]
        for promise in list(self._promises):
            early = promise.order.tick == order.tick
            if early or not self._requests.take(self._clock()):
                continue
            if not await self._again(promise):
                return

    def promised(self, role: str) -> list[FleetWorker]:
        """What unanswered calls may have launched and Describe does not show."""
        return [
            FleetWorker(
                f"{promise.launch.token}/{number}",
                promise.at,
                hourly=promise.launch.pool.price,
                kind=promise.launch.pool.kind,
                market=promise.launch.pool.market,
                promised=True,
            )
            for promise in self._promises
            if promise.launch.role == role
            for number in range(self._missing(promise))
        ]

    async def _ask(self, order: Order, role: str, done: Round, ask: Ask) -> None:
        token = client_token(self._scope, order, role, ask.slot, ask.attempt, ask.pool)
        launch = Launch(token, ask.pool, role, ask.count)
        # Noted before the call: cancelled in the middle of it, the fleet still counts what may come.
        promise = Promise(order, launch, self._clock(), time.time())
        self._promises.append(promise)
        try:
            came = await self._run(launch)
        except Ec2Fault as fault:
            if fault.kind is Fault.UNKNOWN:
                done.lost(ask)
                return
            done.failed(ask, fault.kind)
        else:
            done.came(ask, came)
        self._promises.remove(promise)

    async def _again(self, promise: Promise) -> bool:
        """Whether there was an answer."""
        try:
            came = await self._run(promise.launch)
        except Ec2Fault as fault:
            if fault.kind in {Fault.UNKNOWN, Fault.THROTTLED}:
                return False
        else:
            _log.info("lost launch settled", token=promise.launch.token, came=came)
        self._promises.remove(promise)
        return True

    async def _run(self, launch: Launch) -> int:
        now = self._clock()
        try:
            came = await self._calls.run(launch)
        except Ec2Fault as fault:
            self._learn(launch, fault)
            raise
        self._known.ran(came, self._clock())
        self._requests.granted()
        self._instances.take(now, len(came))
        self._instances.granted()
        if len(came) < launch.count:
            self._drought.dry([launch.pool], now)
        else:
            self._drought.wet(launch.pool)
        ids = [instance.id for instance in came]
        _log.info("launched", asked=launch.count, instances=ids, role=launch.role, **_of(launch))
        return sum(instance.state not in ENDED for instance in came)

    def _learn(self, launch: Launch, fault: Ec2Fault) -> None:
        now = self._clock()
        told = _log.error if fault.kind is Fault.REFUSED else _log.warning
        told("launch failed", why=fault.kind.value, fault=str(fault), **_of(launch))
        if fault.kind is Fault.THROTTLED:
            self._requests.refused(now)
        elif fault.kind is Fault.QUOTA and launch.count == 1:
            shared = [p for p in self._pools[launch.role] if p.market == launch.pool.market]
            self._drought.dry(shared, now)
        elif fault.kind in {Fault.DRY, Fault.REFUSED}:
            self._drought.dry([launch.pool], now)

    def _missing(self, promise: Promise) -> int:
        return max(0, promise.launch.count - self._known.carrying(promise.launch.token))


def _of(launch: Launch) -> dict[str, str | None]:
    pool = launch.pool
    return {
        "kind": pool.kind,
        "subnet": pool.subnet,
        "market": pool.market,
        "token": launch.token,
    }
