"""What happens while a service warms up is run, but neither counted nor billed."""

import numpy as np
import pytest

from balancer.plan import Limits
from balancer.simulator.baseline import plan
from balancer.simulator.picture import POINTS, _Points
from balancer.simulator.run import simulate
from balancer.simulator.shapes import generated
from balancer.simulator.traces import of
from balancer.simulator.world import World

LIMITS = Limits(min_workers=1, max_workers=1)


def test_waits_and_bill_are_those_of_the_rest() -> None:
    # One worker, 1 s a picture: ten at once wait 0 to 9 s; one a minute later, alone, waits 0 s.
    trace = of("burst first", np.array([0.0] * 10 + [100.0]), 120.0)
    whole = simulate(trace, plan, LIMITS, World())
    rest = simulate(trace, plan, LIMITS, World(warm_up=60.0))
    assert (whole.answered, whole.unanswered) == (11, 0)
    assert whole.wait_max == pytest.approx(9.0)
    assert (rest.answered, rest.unanswered) == (1, 0)
    assert rest.wait_max == pytest.approx(0.0)
    assert whole.worker_seconds == pytest.approx(120.0)
    assert rest.worker_seconds == pytest.approx(60.0)


def test_a_picture_counts_by_when_it_was_sent_not_by_when_it_was_begun() -> None:
    # One worker, 10 s a picture: of ten sent at once four are begun after the warm-up, the last at 90.
    trace = of("burst first", np.array([0.0] * 10 + [70.0]), 120.0)
    rest = simulate(trace, plan, LIMITS, World(service_seconds=10.0, warm_up=60.0))
    assert (rest.answered, rest.unanswered) == (1, 0)
    assert (rest.wait_p50, rest.wait_max) == (pytest.approx(30.0), pytest.approx(30.0))
    assert sum(rest.series["arrivals"]) == 1


def test_a_picture_begun_before_and_lost_after_is_not_counted_backwards() -> None:
    trace = of("three", np.array([0.0] * 3), 70.0)
    limits = Limits(min_workers=3, max_workers=3)
    lost = 0
    for seed in range(5):
        world = World(
            service_seconds=100.0, crash_rate_per_hour=40, warm_up=60.0, boot_seconds=5.0, seed=seed
        )
        found = simulate(trace, plan, limits, world)
        lost += found.redelivered
        assert (found.answered, found.unanswered, found.deadline_misses) == (0, 0, 0)
        assert found.wait_mean == 0.0
    assert lost


def test_figures_per_tick_begin_and_end_as_the_bill_does() -> None:
    world = World(warm_up=58.0, standby=10, stopped_hourly=3.6)
    found = simulate(generated("poisson", 0.5, 300.0), plan, LIMITS, world)
    assert found.series["at"][0] == 60.0
    assert found.series["cost"][0] == 0.0
    assert found.series["cost"][-1] == found.cost > (found.duration - 60.0) * 0.01
    assert sum(found.series["arrivals"]) == found.answered


def test_a_picture_does_not_spread_the_first_arrivals_over_the_warm_up() -> None:
    width = _Points([1800.0 + 5.0 * tick for tick in range(3 * POINTS)]).width
    assert (width[0], width[1]) == (10.0, 15.0)
    assert _Points([0.0, 5.0]).width.tolist() == [0.0, 5.0]


def test_one_that_is_as_long_as_the_trace_is_refused() -> None:
    trace = of("short", np.array([0.0, 1.0]), 60.0)
    with pytest.raises(ValueError, match=r"warm_up=60: the trace is over after 60 s"):
        simulate(trace, plan, LIMITS, World(warm_up=60.0))


def test_a_negative_one_is_refused() -> None:
    with pytest.raises(ValueError, match="warm_up"):
        World(warm_up=-1.0)
