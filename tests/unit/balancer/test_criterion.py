"""The criterion: the figures of the paper, and what must hold for any figures."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balancer.plan import Limits, Plan, Snapshot
from balancer.policies.criterion import plan

NOW = 1000.0
PAPER = Limits(qos=5, min_workers=0, max_workers=19, scaling_factor=1.0, kill_all_delay=30.0)


def look(queued: int, workers: int, idle: int = 0, empty_for: float | None = None) -> Snapshot:
    since = None if empty_for is None else NOW - empty_for
    return Snapshot(queued=queued, in_flight=0, workers=workers, idle=idle, empty_since=since)


@pytest.mark.parametrize(
    ("queued", "workers", "desired", "missing", "launch", "terminate"),
    [
        (1, 0, 1, 1, 1, 0),
        (5, 0, 1, 1, 1, 0),
        (6, 0, 2, 2, 2, 0),
        (40, 0, 8, 8, 8, 0),
        (40, 3, 8, 5, 5, 0),
        (40, 8, 8, 0, 0, 0),
        (95, 19, 19, 0, 0, 0),
        (96, 19, 20, 0, 0, 0),
        (1000, 4, 200, 15, 15, 0),
        (3, 4, 1, -3, 0, 3),
        (40, 19, 8, -11, 0, 11),
    ],
)
def test_figures(queued, workers, desired, missing, launch, terminate) -> None:
    found = plan(look(queued, workers), PAPER, NOW)
    assert (found.numbers["D"], found.numbers["S"]) == (desired, missing)
    assert (found.launch, found.terminate) == (launch, terminate)


def test_terminates_are_less_by_the_least_number_of_workers() -> None:
    limits = Limits(min_workers=2, max_workers=19)
    found = plan(look(queued=5, workers=9), limits, NOW)
    assert found.numbers["S"] == -8
    assert found.terminate == 6


def test_terminates_never_reach_below_the_least_number() -> None:
    limits = Limits(min_workers=2, max_workers=19, scaling_factor=3.0)
    found = plan(look(queued=1, workers=4), limits, NOW)
    assert found.numbers["S"] == -9
    assert found.terminate == 2


def test_a_service_starts_with_its_least_number_of_workers() -> None:
    limits = Limits(min_workers=3, max_workers=5)
    found = plan(look(queued=0, workers=0, empty_for=0.0), limits, NOW)
    assert (found.launch, found.reason) == (3, "fewer workers than W_min")


def test_missing_workers_come_before_the_least_number() -> None:
    limits = Limits(min_workers=1, max_workers=5)
    assert plan(look(queued=25, workers=0), limits, NOW).launch == 5


def test_a_factor_above_one_stays_under_the_greatest_number() -> None:
    limits = Limits(min_workers=0, max_workers=6, scaling_factor=2.5)
    found = plan(look(queued=20, workers=1), limits, NOW)
    assert found.numbers["S"] == 8
    assert found.launch == 5


def test_a_factor_below_one_closes_a_part_of_the_gap_and_rounds_up() -> None:
    limits = Limits(min_workers=0, max_workers=19, scaling_factor=0.5)
    assert plan(look(queued=35, workers=0), limits, NOW).launch == 4
    # ceil(-0.5) is 0: a lone spare worker stays until the queue is empty.
    assert plan(look(queued=5, workers=2), limits, NOW).terminate == 0


def test_binary_fractions_launch_nobody_extra() -> None:
    limits = Limits(min_workers=0, max_workers=200, scaling_factor=1.1)
    assert ceil(100 * 1.1) == 111
    assert plan(look(queued=500, workers=100), limits, NOW).launch == 0
    assert plan(look(queued=500, workers=0), limits, NOW).launch == 110


@pytest.mark.parametrize(("empty_for", "leave"), [(0.0, 0), (29.9, 0), (30.0, 3), (400.0, 3)])
def test_idle_workers_go_when_the_kill_all_delay_is_over(empty_for: float, leave: int) -> None:
    assert plan(look(0, 5, idle=3, empty_for=empty_for), PAPER, NOW).terminate == leave


def test_kill_all_keeps_the_least_number_and_the_busy() -> None:
    limits = Limits(min_workers=2, max_workers=19)
    assert plan(look(0, 5, idle=5, empty_for=60), limits, NOW).terminate == 3
    assert plan(look(0, 5, idle=1, empty_for=60), limits, NOW).terminate == 1
    assert plan(look(0, 5, idle=0, empty_for=60), limits, NOW).terminate == 0


def test_an_empty_queue_with_no_history_waits() -> None:
    assert plan(look(0, 5, idle=5), PAPER, NOW).terminate == 0


def test_limits_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="min_workers=3 is above max_workers=2"):
        Limits(min_workers=3, max_workers=2)


bounds = st.tuples(st.integers(0, 30), st.integers(1, 60)).map(lambda pair: (min(pair), max(pair)))


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    least, greatest = draw(bounds)
    return Limits(
        qos=draw(st.integers(1, 50)),
        min_workers=least,
        max_workers=max(1, greatest),
        scaling_factor=draw(st.floats(0.05, 5.0)),
        kill_all_delay=draw(st.floats(0, 100)),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    queued = draw(st.integers(0, 2000))
    workers = draw(st.integers(0, 70))
    return look(
        queued,
        workers,
        idle=draw(st.integers(0, 70)),
        empty_for=draw(st.floats(0, 200)) if queued == 0 else None,
    )


@given(snapshots(), limits())
def test_bounds_hold(saw: Snapshot, allowed: Limits) -> None:
    found = plan(saw, allowed, NOW)
    assert found.launch >= 0
    assert found.terminate >= 0
    assert not (found.launch and found.terminate)
    assert found.launch == 0 or saw.workers + found.launch <= allowed.max_workers
    assert found.terminate == 0 or saw.workers - found.terminate >= allowed.min_workers
    assert allowed.min_workers <= found.desired <= max(allowed.max_workers, allowed.min_workers)


@given(snapshots(), limits())
def test_the_least_number_is_always_reached_in_one_step(saw: Snapshot, allowed: Limits) -> None:
    assert saw.workers + plan(saw, allowed, NOW).launch >= allowed.min_workers


@given(st.integers(1, 2000), limits())
def test_as_many_workers_as_wanted_is_a_fixed_point(queued: int, allowed: Limits) -> None:
    wanted = max(allowed.min_workers, min(allowed.max_workers, ceil(queued / allowed.qos)))
    found = plan(look(queued, wanted), allowed, NOW)
    if found.numbers["S"] == 0:
        assert (found.launch, found.terminate) == (0, 0)
    else:
        assert wanted == allowed.min_workers
        assert found.launch == 0
        assert found.terminate == 0


def change(found: Plan) -> int:
    return found.launch - found.terminate


# From 1 message on: with an empty queue the criterion keeps everybody until its delay is over, while
# a single message already sends spare workers away. That is how the original is.
@given(st.integers(1, 2000), st.integers(0, 500), st.integers(0, 70), limits())
def test_more_backlog_never_means_fewer_workers(queued, more, workers, allowed) -> None:
    before = plan(look(queued, workers), allowed, NOW)
    after = plan(look(queued + more, workers), allowed, NOW)
    assert change(after) >= change(before)
