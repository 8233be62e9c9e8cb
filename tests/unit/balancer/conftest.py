"""A deployment in memory with a clock that only the test moves."""

from dataclasses import dataclass, field

import pytest

from balancer.fleet import FleetWorker, Order
from wire.memory import MemoryQueues, MemoryStore
from wire.messages import Report
from wire.names import QueueNames
from wire.queues import Queue
from wire.topology import Shared, open_shared


@dataclass
class Clock:
    """Seconds; `clock()` reads them."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class MemoryFleet:
    """Workers that exist because the test says so; remembers what it was told to do.

    `deaf` workers hear nothing of their end, as instances do.
    """

    present: list[str] = field(default_factory=list)
    launched: list[int] = field(default_factory=list)
    ended: list[tuple[str, float]] = field(default_factory=list)
    deaf: set[str] = field(default_factory=set)

    async def workers(self) -> list[FleetWorker]:
        ending = {worker for worker, _ in self.ended}
        return [FleetWorker(worker, 0.0, worker in ending) for worker in self.present]

    async def launch(self, order: Order) -> int:
        self.launched.append(order.count)
        self.present += [f"w{len(self.present) + number}" for number in range(order.count)]
        return order.count

    async def end(self, worker: str, grace: float) -> None:
        self.ended.append((worker, grace))

    async def spare(self, worker: str) -> bool:
        if worker in self.deaf:
            self.ended = [each for each in self.ended if each[0] != worker]
        return worker in self.deaf

    async def tend(self, order: Order) -> None:
        return

    async def close(self) -> None:
        return


@dataclass
class Place:
    """Queues, store and fleet of one deployment in memory."""

    clock: Clock
    queues: MemoryQueues
    names: QueueNames
    shared: Shared
    store: MemoryStore
    fleet: MemoryFleet

    async def report(self, sender: str, state: str, kind: str = "worker", **more) -> None:
        body = Report(sender=sender, kind=kind, state=state, **more).encode()
        await self.shared.reports.send(body)

    async def reports(self) -> Queue:
        return self.shared.reports

    async def bodies(self, queue) -> list[str]:
        return [received.body for received in await queue.receive(10, wait=0)]


@pytest.fixture
async def place() -> Place:
    clock = Clock()
    queues = MemoryQueues(clock)
    names = QueueNames("test")
    shared = await open_shared(queues, names)
    return Place(clock, queues, names, shared, MemoryStore(), MemoryFleet())
