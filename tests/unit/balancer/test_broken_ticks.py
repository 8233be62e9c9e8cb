"""What a tick did is told, though it was broken off afterwards."""

import asyncio

import pytest

from balancer.fleet import FleetUnavailable, Order
from balancer.ledger import Ledger
from balancer.plan import Limits, Plan
from balancer.wiring import Parts, wire
from wire.errors import QueueUnavailable
from wire.settings import BalancerSettings

LIMITS = Limits(min_workers=1, max_workers=9)


class Ticking:
    """A balancer wired as in its process, whose policy wants what the test says."""

    def __init__(self, place, monkeypatch) -> None:
        monkeypatch.setattr("balancer.wiring.CLOCK", place.clock)
        self.place = place
        self.plan = Plan(0, "why")
        self.told = []
        settings = BalancerSettings(fleet="dry-run", deployment="test")
        self.parts: Parts = wire(
            settings,
            (self._wants, LIMITS),
            place.fleet,
            [],
            place.shared,
            place.queues,
            place.store,
            place.reports,
        )
        self.parts.leader._clock = place.clock
        tell = self.parts.balancer._tell
        self.parts.balancer._tell = lambda tick: (tell(tick), self.told.append(tick))

    def _wants(self, *_: object) -> Plan:
        return self.plan

    @property
    def ledger(self) -> Ledger:
        return self.parts.balancer._ledger

    async def lead(self) -> None:
        await self.parts.leader.step()
        assert await self.parts.balancer._begin()

    async def tick(self, plan: Plan) -> None:
        self.plan = plan
        await self.parts.balancer.on_tick()

    async def write(self) -> None:
        over = asyncio.Event()
        over.set()
        await self.parts.paperwork.run(over)


@pytest.fixture
async def ticking(place, monkeypatch) -> Ticking:
    ticking = Ticking(place, monkeypatch)
    await ticking.lead()
    return ticking


async def test_launches_are_told_and_kept_when_the_lease_runs_out_after_them(
    place, ticking, monkeypatch
) -> None:
    launch = place.fleet.launch

    async def slow(order: Order) -> int:
        place.clock.now += 60
        return await launch(order)

    monkeypatch.setattr(place.fleet, "launch", slow)
    await ticking.tick(Plan(4, "why", launch=4))
    [tick] = ticking.told
    assert tick.done.launch == 4
    assert "the lease ran out" in tick.done.reason
    assert len(ticking.parts.balancer._observer.history.past()) == 1
    await ticking.write()
    assert len(await place.store.keys("ticks/")) == 1


@pytest.mark.parametrize("fault", [FleetUnavailable("throttled"), RuntimeError("a bug")])
async def test_launches_that_fail_leave_a_record_of_why(place, ticking, monkeypatch, fault) -> None:
    async def fail(_: Order) -> int:
        raise fault

    monkeypatch.setattr(place.fleet, "launch", fail)
    await ticking.tick(Plan(4, "why", launch=4))
    [tick] = ticking.told
    assert (tick.wanted.launch, tick.done.launch) == (4, 0)
    assert str(fault) in tick.done.reason


async def test_terminates_that_may_have_been_sent_are_told(place, ticking, monkeypatch) -> None:
    async def fail(_: object) -> None:
        raise QueueUnavailable

    place.clock.now += 10
    await ticking.parts.leader.step()
    place.fleet.present = ["a", "b"]
    monkeypatch.setattr(place.shared.terminate, "send_many", fail)
    await ticking.tick(Plan(1, "why", terminate=1))
    assert [tick.done.terminate for tick in ticking.told] == [1]


async def test_those_who_were_ended_are_told_though_the_next_could_not_be(
    place, ticking, monkeypatch
) -> None:
    end, patience = place.fleet.end, 600

    async def once(worker: str, grace: float) -> None:
        if place.fleet.ended:
            raise FleetUnavailable
        await end(worker, grace)

    place.fleet.present = ["a", "b"]
    await ticking.tick(Plan(2, "why"))
    monkeypatch.setattr(place.fleet, "end", once)
    for _ in range(patience // 5):
        place.clock.now += 5
        await ticking.parts.leader.step()
        await ticking.tick(Plan(2, "why", launch=1))
        if ticking.told[-1].ended:
            break
    assert [late.worker for late in ticking.told[-1].ended] == ["a"]
    assert ticking.told[-1].done.launch == 0
