"""The loop: what it tells, what it survives, and that its parts add up to a fleet that scales."""

import asyncio

import pytest

from balancer.act import Actor
from balancer.inbox import Inbox
from balancer.ledger import Ledger
from balancer.loop import Balancer
from balancer.observe import Observer
from balancer.patience import Patience
from balancer.plan import Limits
from balancer.policies.criterion import plan
from balancer.replicas import Replicas
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
        self.ticks = 0
        watch, ledger = Watch(place.clock()), Ledger()
        inbox = Inbox(place.shared.reports, place.shared.dead_letter, place.clock)
        replicas = Replicas(watch, 30.0)
        observer = Observer(place.fleet, place.shared.requests, inbox, ledger, replicas, watch)
        patience = Patience(boot=60, silence=120, stop=30)
        actor = Actor(place.fleet, place.shared.terminate, ledger, watch, patience)
        self.enough = asyncio.Event()
        self.balancer = Balancer(observer, policy, LIMITS, actor, self._tell, place.clock)

    def _tell(self, saw, done) -> None:
        self.told.append((saw, done))
        if len(self.told) == 3:
            self.enough.set()

    async def tick(self) -> None:
        await self.balancer.on_tick(self.ticks)
        self.ticks += 1
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
    assert sum(done.terminate for _, done in bench.told) == 3


async def test_a_terminate_is_not_sent_again_before_it_is_answered_or_expired(bench) -> None:
    place = bench.place
    place.fleet.present = ["a", "b", "c", "d"]
    for worker in place.fleet.present:
        await place.report(worker, "busy")
    await place.shared.requests.send("x")
    await bench.tick()
    await bench.tick()
    assert [done.terminate for _, done in bench.told] == [2, 0]


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
    async with asyncio.timeout(60):
        await bench.balancer.run(0.01, stop=bench.enough)
    assert len(bench.told) == 3
