"""What a tick costs in calls: the same for 10 workers and for 10 000; reports come ten at a time."""

from collections import Counter

import pytest

from balancer.inbox import AT_ONCE, MOST_BATCHES
from balancer.metrics import Metrics
from balancer.plan import Limits
from balancer.policies.criterion import plan
from balancer.wiring import wire
from wire.settings import BalancerSettings


class Counting:
    """Passes every call on and counts it under its name."""

    def __init__(self, inner, calls: Counter, prefix: str) -> None:
        self._inner = inner
        self._calls = calls
        self._prefix = prefix

    def __getattr__(self, name: str):
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def call(*arguments, **more):
            self._calls[f"{self._prefix}.{name}"] += 1
            return found(*arguments, **more)

        return call


class Shared:
    def __init__(self, shared, calls: Counter) -> None:
        for name in ("requests", "reports", "terminate", "dead_letter"):
            setattr(self, name, Counting(getattr(shared, name), calls, name))


@pytest.fixture
def calls() -> Counter:
    return Counter()


async def balanced(place, calls: Counter, workers: int, told: list) -> Counter:
    """The calls of one tick in which every one of so many workers has reported."""
    settings = BalancerSettings(
        fleet="dry-run", max_workers=workers, deployment="test", bucket="test"
    )
    place.fleet.present = [f"w{number}" for number in range(workers)]
    shared, store = Shared(place.shared, calls), Counting(place.store, calls, "store")
    fleet = Counting(place.fleet, calls, "fleet")
    limits = Limits(min_workers=0, max_workers=workers)
    sinks: list[Metrics] = []
    parts = wire(settings, (plan, limits), fleet, sinks, shared, place.queues, store, place.reports)
    await parts.leader.step()
    for worker in place.fleet.present:
        await place.report(worker, "ready")
    calls.clear()
    await parts.balancer.on_tick()
    await parts.paperwork._do(parts.paperwork._errands)
    return Counter(calls)


@pytest.mark.parametrize("workers", [10, 10_000])
async def test_a_tick_makes_the_same_calls_however_many_workers_there_are(
    place, calls, workers
) -> None:
    made = await balanced(place, calls, workers, [])
    reports = {name: made.pop(name) for name in list(made) if name.startswith("reports.")}
    assert made == {
        "fleet.workers": 1,
        "fleet.tend": 1,
        "requests.depth": 1,
        "store.replace": 1,
        "store.put": 1,
        "store.get": 1,
        # On the first tick, and once a minute from then on.
        "dead_letter.depth": 1,
    }
    # 4 000 reports a tick at most; the rest of a storm waits for the next ones.
    taken = min(workers, 10 * MOST_BATCHES)
    assert reports.keys() == {"reports.receive"}
    assert reports["reports.receive"] <= taken / 10 + AT_ONCE
