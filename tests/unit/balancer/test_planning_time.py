"""A plan costs nothing beside what it decides about, however large the fleet."""

from time import perf_counter

import pytest

from balancer import policies
from balancer.plan import Limits, Past, Snapshot

MOST = 0.05  # seconds, what the project promises for 10 000 workers


@pytest.mark.parametrize("name", policies.names())
def test_ten_thousand_workers_are_planned_for_at_once(name: str) -> None:
    past = tuple(
        Past(5.0 * i, i * 37 % 50_000, 9_000, 10_000, 9_000, i * 7_919 % 6_000, 10_000)
        for i in range(360)
    )
    saw = Snapshot(40_000, 9_000, 10_000, idle=1_000, busy=9_000, arrived=4_000.0, past=past)
    decide = policies.find(name)
    times = []
    for now in (1800.0, 1805.0, 1830.0):
        start = perf_counter()
        decide(saw, Limits(max_workers=20_000), now)
        times.append(perf_counter() - start)
    assert min(times) < MOST
