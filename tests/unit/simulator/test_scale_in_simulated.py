"""No busy worker is ever killed by scaling in: what one holds is finished, never given out again."""

from dataclasses import replace

import pytest

from balancer.plan import Limits
from balancer.policies import find
from balancer.simulator.run import simulate
from balancer.simulator.shapes import generated
from balancer.simulator.world import World

LIMITS = Limits(min_workers=1, max_workers=400)
WORLDS = (
    World(service_seconds=1.0, boot_jitter=0.3),
    World(service_seconds=1.0, boot_seconds=10.0, prefetch=10, paid_minute=0.0),
    World(service_seconds=0.2, boot_seconds=20.0, batch=8, batch_overhead=0.5, prefetch=16),
)


def scaled(world, seconds):
    arrivals = generated("on-off", 60.0, seconds)
    return simulate(arrivals, find("criterion"), LIMITS, world, series=False)


def test_ten_thousand_scale_ins_redeliver_nothing():
    outcomes = [scaled(world, 3900.0) for world in WORLDS]
    assert sum(outcome.scale_ins for outcome in outcomes) >= 10_000
    assert [outcome.redelivered for outcome in outcomes] == [0] * len(WORLDS)
    assert [outcome.redelivered_by_scale_in for outcome in outcomes] == [0] * len(WORLDS)
    assert [outcome.unanswered for outcome in outcomes] == [0] * len(WORLDS)


@pytest.mark.parametrize("world", WORLDS)
def test_the_count_would_tell_if_drained_workers_were_killed_at_once(world):
    outcome = scaled(replace(world, stop_grace=0.0), 1200.0)
    assert outcome.redelivered_by_scale_in > 0
    assert outcome.redelivered == outcome.redelivered_by_scale_in
    assert outcome.unanswered == 0
