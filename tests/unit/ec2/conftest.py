"""A fleet on EC2 in memory; only the test moves the clock."""

from dataclasses import dataclass

import pytest

from balancer.fleet import FleetWorker, Order
from balancer.fleets.ec2.fleet import Ec2Fleet, Ec2Plan
from tests.unit.ec2.fake_ec2 import FakeEc2
from wire.aws import Aws
from wire.memory import MemoryQueues, MemoryStore
from wire.names import QueueNames
from wire.topology import open_shared

ZONES = {"subnet-a": "zone-a", "subnet-b": "zone-b"}
PLAN = Ec2Plan(
    deployment="test",
    template="workers",
    types=("c7a.large", "c6a.large"),
    subnets=tuple(ZONES),
    market="spot",
    warm=30.0,
)


@dataclass
class Clock:
    """Seconds; `clock()` reads them."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    """An account and the fleets of as many balancers as a test wants."""

    clock: Clock
    ec2: FakeEc2
    aws: Aws
    tick: int = 0
    epoch: int = 1

    def fleet(self, plan: Ec2Plan = PLAN) -> Ec2Fleet:
        return Ec2Fleet(self.aws, self.ec2, plan, self.clock)

    def order(self, count: int, hourly: float | None = None) -> Order:
        return Order(count, self.epoch, self.tick, hourly)

    async def ticked(
        self, fleet: Ec2Fleet, wanted: int, hourly: float | None = None
    ) -> list[FleetWorker]:
        """One tick of the simplest of balancers: launch what is missing. What it saw before."""
        present = await fleet.workers()
        staying = sum(not worker.ending for worker in present)
        if staying < wanted:
            await fleet.launch(self.order(wanted - staying, hourly))
        await fleet.tend(self.order(0))
        self.clock.now += 5
        self.tick += 1
        return present


@pytest.fixture
async def bench() -> Bench:
    clock = Clock()
    aws = Aws("us-east-1", polls=1, calls=1)
    yield Bench(clock, FakeEc2(clock, ZONES), aws)
    await aws.close()


@pytest.fixture
async def stage(bench):
    """A deployment with queues, workers and a store, and no balancer yet."""
    from tests.unit.ec2.crew import Crew
    from tests.unit.ec2.stage import Stage

    queues = MemoryQueues(bench.clock)
    shared = await open_shared(queues, QueueNames("test"))
    crew = Crew(bench.ec2, shared)
    return Stage(bench.clock, bench.ec2, bench.aws, queues, shared, MemoryStore(), crew)
