"""Waking standbys: open the gate, then start. Both calls may be repeated, which is what makes them safe.

Killed after the tag and before the start, a balancer leaves a stopped instance with an open gate: it
counts as stopped, and the next wake starts it. A start that got no answer is made again every tick until
it gets one, and its instances count as workers meanwhile; starting what runs changes nothing. Only the
epoch that made a call repeats it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from balancer.fleet import Order
from balancer.fleets.ec2.bucket import Bucket
from balancer.fleets.ec2.calls import LONGEST, Ec2Calls, each
from balancer.fleets.ec2.faults import Ec2Fault, Fault
from balancer.fleets.ec2.instances import Instance
from balancer.fleets.ec2.known import STALE, Known
from wire import log

_log = log.get(__name__)

_ASLEEP = frozenset({"stopping", "stopped"})


class Waker:
    """Wakes; times are seconds on `clock`."""

    def __init__(self, calls: Ec2Calls, known: Known, clock: Callable[[], float]) -> None:
        self._calls = calls
        self._known = known
        self._clock = clock
        self._unanswered: dict[str, tuple[Order, float]] = {}
        self._starts = Bucket(size=5, rate=2.0)
        self._order = Order(0)

    async def wake(self, chosen: Sequence[Instance], order: Order) -> list[Instance]:
        """Wake them; those that count as workers now."""
        self._order = order
        woken: list[Instance] = []
        began = self._clock()
        for place in _places(chosen):
            if self._clock() - began > LONGEST or not self._starts.take(self._clock()):
                break
            woken += await self._wake(place)
        return woken

    async def settle(self, order: Order) -> None:
        """Repeat what was not answered in an earlier tick of this epoch, as long as it counts."""
        self._order, now = order, self._clock()
        self._unanswered = {
            ident: (asked, at)
            for ident, (asked, at) in self._unanswered.items()
            if asked.epoch == order.epoch and now - at < STALE
        }
        ids = [ident for ident, (asked, _) in self._unanswered.items() if asked.tick != order.tick]
        if ids and self._starts.take(now):
            await self._start(ids, closed=ids)

    def _may(self) -> bool:
        return self._starts.take(self._clock())

    async def _wake(self, chosen: Sequence[Instance]) -> list[Instance]:
        now = self._clock()
        for instance in chosen:
            state = "pending" if instance.asleep else instance.state
            awake = replace(instance, state=state, active=True)
            # Also those that run: the tag that Describe shows may be the old one.
            self._known.changed(awake, _ASLEEP if instance.asleep else frozenset(), now)
        closed = [instance.id for instance in chosen if not instance.active]
        lost = await self._start([instance.id for instance in chosen], closed)
        return [instance for instance in chosen if instance.id not in lost]

    async def _start(self, ids: Sequence[str], closed: Sequence[str]) -> set[str]:
        """Open what is closed, start all; which of them certainly do not come."""
        may = self._may
        failed = await each(self._calls.activate, closed, may)
        failed |= await each(self._calls.start, [i for i in ids if i not in failed], may)
        lost: set[str] = set()
        for ident in ids:
            fault = failed.get(ident)
            if fault is None:
                self._unanswered.pop(ident, None)
            elif fault.kind is Fault.UNKNOWN:
                self._unanswered.setdefault(ident, (self._order, self._clock()))
            else:
                lost.add(ident)
                self._failed(ident, fault)
        if len(failed) < len(ids):
            self._starts.granted()
            _log.info("standbys woken", instances=[ident for ident in ids if ident not in failed])
        return lost

    def _failed(self, ident: str, fault: Ec2Fault) -> None:
        _log.warning("standby not woken", instance=ident, why=fault.kind.value, fault=str(fault))
        self._unanswered.pop(ident, None)
        self._known.unchanged(ident)
        if fault.kind is Fault.THROTTLED:
            self._starts.refused(self._clock())


def _places(chosen: Sequence[Instance]) -> list[list[Instance]]:
    """By type and zone: where one cannot be started for want of capacity, its neighbors cannot either."""
    places: dict[tuple[str, str], list[Instance]] = {}
    for instance in chosen:
        places.setdefault((instance.kind, instance.zone), []).append(instance)
    return list(places.values())
