"""The loop: what it tells, what it survives, and that its parts add up to a fleet that scales."""

import asyncio

import pytest

from balancer.act import Actor
from balancer.ear import Ear
from balancer.fleet import FleetUnavailable, FleetWorker
from balancer.inbox import Inbox
from balancer.leader import Leader
from balancer.ledger import Ledger
from balancer.loop import Balancer
from balancer.observe import Observer
from balancer.operator import KEY, Desk
from balancer.patience import Patience
from balancer.plan import Limits
from balancer.policies.criterion import plan
from balancer.replicas import Replicas
from balancer.rules import RuleBook
from balancer.ruling import Ruling
from balancer.watch import Watch
from wire.errors import QueueUnavailable
from wire.messages import Terminate
from wire.queues import QueueMissing

LIMITS = Limits(qos=5, min_workers=1, max_workers=4)


class Bench:
    """A balancer over a deployment in memory; `told` is what each tick saw and did."""

    def __init__(self, place, policy=plan) -> None:
        self.place = place
        self.told = []
        watch, self.ledger = Watch(place.clock()), Ledger()
        inbox = Inbox(place.shared.reports, place.shared.dead_letter, place.clock)
        replicas = Replicas(watch, 30.0)
        self.observer = Observer(
            place.fleet, place.shared.requests, inbox, self.ledger, replicas, watch
        )
        patience = Patience(boot=60, silence=120, stop=30)
        self.leader = Leader(place.store, "b", 60.0, 1.0, self._no_epoch, place.clock)
        actor = Actor(
            place.fleet,
            place.shared.terminate,
            self.ledger,
            watch,
            patience,
            self.leader.may_act,
        )
        self.desk = Desk(place.store, LIMITS)
        book = RuleBook(self.desk, self.ledger, None)
        self.enough = asyncio.Event()
        self.balancer = Balancer(
            self.leader,
            self.observer,
            self.ledger,
            book,
            policy,
            actor,
            self._begin,
            self._tell,
            Ear(place.reports, inbox, self.observer.nobody).word,
            place.clock,
        )
        self.began = 0
        self.vain = 0

    async def _no_epoch(self) -> int:
        return 0

    async def _begin(self) -> bool:
        self.began += 1
        return self.began > self.vain

    def _tell(self, tick) -> None:
        self.told.append(tick)
        if len(self.told) == 3:
            self.enough.set()

    async def tick(self) -> None:
        await self.leader.step()
        await self.balancer.on_tick()
        self.place.clock.now += 5

    async def work(self) -> None:
        """What idle workers do: one takes a terminate message each."""
        for body in await self.place.bodies(self.place.shared.terminate):
            Terminate.decode(body)
            await self.place.report(self.place.fleet.present.pop(0), "stopped")


@pytest.fixture
def bench(place) -> Bench:
    return Bench(place)


async def test_from_the_least_number_to_the_greatest_and_back(bench) -> None:
    place = bench.place
    await bench.tick()
    assert len(place.fleet.present) == 1
    await place.shared.requests.send_many(["x"] * 100)
    await bench.tick()
    assert len(place.fleet.present) == 4
    for worker in place.fleet.present:
        await place.report(worker, "ready")
    while received := await place.shared.requests.receive(10, wait=0):
        for each in received:
            await place.shared.requests.delete(each.receipt)
    for _ in range(12):
        await bench.tick()
        await bench.work()
        assert len(place.fleet.present) >= LIMITS.min_workers
    assert len(place.fleet.present) == 1
    assert sum(tick.done.terminate for tick in bench.told) == 3


async def test_a_terminate_is_not_sent_again_before_it_is_answered_or_expired(bench) -> None:
    place = bench.place
    place.fleet.present = ["a", "b", "c", "d"]
    for worker in place.fleet.present:
        await place.report(worker, "busy")
    await place.shared.requests.send("x")
    await bench.tick()
    await bench.tick()
    assert [tick.done.terminate for tick in bench.told] == [2, 0]


@pytest.mark.parametrize("fault", [QueueUnavailable(), QueueMissing("q"), RuntimeError("a bug")])
async def test_whatever_fails_in_a_tick_the_next_one_comes(bench, monkeypatch, fault) -> None:
    async def fail() -> None:
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(bench.place.shared.requests, "depth", fail)
        await bench.tick()
        await bench.tick()
    assert bench.told == []
    await bench.tick()
    assert len(bench.told) == 1
    assert bench.place.fleet.launched == [1]


async def test_a_policy_that_breaks_costs_its_tick_only(place) -> None:
    bench = Bench(place, policy=lambda snapshot, limits, now: 1 / 0)
    await bench.tick()
    await bench.tick()
    assert place.fleet.launched == []


async def test_run_ends_when_told(bench) -> None:
    await bench.leader.step()
    async with asyncio.timeout(60):
        await bench.balancer.run(0.01, stop=bench.enough)
    assert len(bench.told) == 3
    assert [tick.number for tick in bench.told] == [1, 2, 3]
    assert bench.began == 1


async def test_nothing_is_done_before_what_is_kept_was_read(bench) -> None:
    bench.vain = 3
    await bench.leader.step()
    running = asyncio.create_task(bench.balancer.run(0.01, stop=bench.enough))
    async with asyncio.timeout(60):
        while bench.began < 3:
            assert bench.place.fleet.launched == []
            await asyncio.sleep(0.01)
        await running
    assert bench.began == 4
    assert bench.place.fleet.launched == [1]


async def test_one_that_loses_the_lease_meanwhile_begins_no_more(bench) -> None:
    bench.vain = 1_000_000
    stop = asyncio.Event()
    await bench.leader.step()
    running = asyncio.create_task(bench.balancer.run(0.01, stop))
    async with asyncio.timeout(60):
        while not bench.began:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        bench.place.clock.now += 60
        await asyncio.sleep(0.5)
        began = bench.began
        await asyncio.sleep(0.5)
    assert bench.began == began
    stop.set()
    await running


async def test_who_does_not_lead_does_nothing(bench) -> None:
    await bench.place.report("a", "ready")
    stop = asyncio.Event()
    running = asyncio.create_task(bench.balancer.run(0.01, stop))
    await asyncio.sleep(0.3)
    stop.set()
    await running
    assert (bench.began, bench.told, bench.place.fleet.launched) == (0, [], [])
    assert (await bench.place.shared.reports.depth()).visible == 1


async def test_one_who_has_lost_the_lease_stops_and_begins_anew_when_it_is_back(bench) -> None:
    stop = asyncio.Event()
    await bench.leader.step()
    running = asyncio.create_task(bench.balancer.run(0.01, stop))
    async with asyncio.timeout(60):
        while len(bench.told) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        bench.place.clock.now += 60
        await asyncio.sleep(0.2)
        seen = len(bench.told)
        await asyncio.sleep(0.2)
        assert len(bench.told) == seen
        await bench.leader.step()
        while bench.began < 2 or len(bench.told) == seen:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    stop.set()
    await running
    numbers = [tick.number for tick in bench.told]
    assert numbers == sorted(set(numbers))


async def test_a_paused_balancer_observes_and_plans_but_does_nothing(bench) -> None:
    place = bench.place
    place.fleet.present = ["stuck"]
    await place.shared.requests.send_many(["x"] * 100)
    await place.store.put(KEY, Ruling(paused=True).encode().encode())
    await bench.desk.look()
    for _ in range(20):
        await bench.tick()
    assert {tick.wanted.launch for tick in bench.told} == {3}
    assert {(tick.done.launch, tick.done.terminate) for tick in bench.told} == {(0, 0)}
    assert "paused" in bench.told[0].done.reason
    assert bench.told[0].done.held_back == 3
    assert (place.fleet.launched, place.fleet.ended) == ([], [])
    await place.store.delete(KEY)
    await bench.desk.look()
    await bench.tick()
    # The one that never got ready is ended, and its place is free when it is gone: it may come back.
    assert [worker for worker, _ in place.fleet.ended] == ["stuck"]
    assert place.fleet.launched == [3]
    place.fleet.present.remove("stuck")
    await bench.tick()
    assert place.fleet.launched == [3, 1]


async def test_a_fleet_that_cannot_be_asked_costs_its_ticks_only(bench, monkeypatch) -> None:
    async def away() -> list[FleetWorker]:
        raise FleetUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(bench.place.fleet, "workers", away)
        await bench.tick()
    assert bench.told == []
    await bench.tick()
    assert bench.place.fleet.launched == [1]
