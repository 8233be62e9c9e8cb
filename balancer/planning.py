"""`python -m balancer.planning`: how long a tick's own work takes for so many workers, in CPU time.

Each policy's plan, and what comes before it: a tick's reports read and entered, the rows summed up. No
queue and no fleet is asked; what those cost is measured around a whole balancer by `bench.balancer`.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from functools import partial
from statistics import median

from balancer import policies
from balancer.fleet import FleetWorker
from balancer.fleets.dry_run import DryRunFleet
from balancer.history import HORIZON
from balancer.inbox import Heard, Inbox
from balancer.ledger import Ledger
from balancer.observe import Observer
from balancer.plan import Limits, Past, Snapshot
from balancer.replicas import Replicas
from balancer.watch import Watch
from wire.memory import MemoryQueues
from wire.messages import Report
from wire.queues import Depth, Queue, QueueOptions

TURNS = 20
HEARTBEAT = 30.0
LOOK = "look"  # no policy's name


def busy(workers: int, limits: Limits, now: float) -> Snapshot:
    """So many workers with as much to do as they can, after a full history of ups and downs."""
    count = int(HORIZON / limits.tick)
    past = [
        Past(
            at=now - (count - n) * limits.tick,
            queued=workers * (n % 9),
            in_flight=workers * 3,
            workers=workers - n % 7,
            busy=workers - n % 11,
            arrived=float(workers * (3 + n % 5)),
            desired=workers,
            launching=n % 7,
        )
        for n in range(count)
    ]
    return Snapshot(
        queued=workers * 5,
        in_flight=workers * 3,
        workers=workers,
        busy=workers,
        arrived=workers * 4.0,
        oldest_wait=4.0,
        service_seconds=1.0,
        boot_seconds=45.0,
        past=past,
    )


def thinking(workers: int) -> dict[str, list[float]]:
    """Milliseconds of CPU of every policy, a value for each turn."""
    limits, now = Limits(max_workers=2 * workers), 1e6
    snapshot = busy(workers, limits, now)
    return {
        name: [_timed(partial(policies.find(name), snapshot, limits, now)) for _ in range(TURNS)]
        for name in policies.names()
    }


def looking(workers: int, tick: float) -> list[float]:
    """Milliseconds of CPU to read and enter a tick's reports and to take a snapshot, for each turn."""
    present = [FleetWorker(f"i-{n:017x}", 0.0) for n in range(workers)]
    ledger, watch, queue = Ledger(), Watch(0.0), _queue()
    observer = Observer(
        DryRunFleet(), queue, Inbox(queue, queue, float), ledger, Replicas(watch, HEARTBEAT), watch
    )
    ledger.admit(present, 0.0)
    for worker in present:
        ledger.hear(Heard(Report.decode(_report(worker.id, "ready")), 0.0, 0.0))
    reporting = present[: max(1, int(workers * tick / HEARTBEAT))]
    bodies = [_report(worker.id, "busy") for worker in reporting]

    def look(now: float) -> None:
        ledger.admit(present, now)
        for body in bodies:
            ledger.hear(Heard(Report.decode(body), now, now))
        ledger.dismiss(present, now)
        observer.snapshot(Depth(5 * workers, workers), now)

    return [_timed(partial(look, float(turn))) for turn in range(1, TURNS + 1)]


def _queue() -> Queue:
    queues = MemoryQueues()

    async def made() -> Queue:
        return await queues.ensure("reports", QueueOptions())

    return asyncio.run(made())


def _report(sender: str, state: str) -> str:
    return Report.model_validate(
        {"sender": sender, "kind": "worker", "state": state, "served": 9, "throughput": 1.0}
    ).encode()


def _timed(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return 1000 * (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description="How long the balancer itself takes for a tick.")
    parser.add_argument("--workers", type=int, default=10_000)
    parser.add_argument("--tick", type=float, default=5.0, help="seconds")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = thinking(given.workers) | {LOOK: looking(given.workers, given.tick)}
    figures = {
        name: {"median": median(times), "longest": max(times)} for name, times in found.items()
    }
    if given.json:
        print(json.dumps(figures))  # noqa: T201
        return
    print(f"milliseconds of CPU for a tick with {given.workers} workers")  # noqa: T201
    for name, times in figures.items():
        print(f"{name:<18} median {times['median']:8.3f}  longest {times['longest']:8.3f}")  # noqa: T201


if __name__ == "__main__":
    main()
