"""The wait-time policy and its forecast, with figures worked out by hand."""

from dataclasses import replace

import pytest

from balancer.plan import Limits, Past, Snapshot
from balancer.policies import forecast, wait_time

# 1 s a picture, 45 s to boot, 5 s of waiting: the setting of the paper.
LIMITS = Limits(
    min_workers=0,
    max_workers=19,
    target_wait=5.0,
    deadline=120.0,
    scale_in_delay=30.0,
    boot_seconds=45.0,
    service_seconds=1.0,
)
NOW = 1000.0


def history(*ticks: tuple[int, float], workers: int = 0) -> tuple[Past, ...]:
    """(queued, arrived) of earlier ticks, the last one 5 s ago."""
    return tuple(
        Past(NOW - 5.0 * (len(ticks) - i), queued, 0, workers, 0, arrived, 0)
        for i, (queued, arrived) in enumerate(ticks)
    )


def test_the_backlog_is_what_will_be_left_when_a_worker_is_ready() -> None:
    saw = Snapshot(queued=490, in_flight=10, workers=10, past=history((0, 0.0)))
    found = wait_time.plan(saw, LIMITS, NOW)
    # 500 - 10 * 45 s / 1 s = 50 are left; 50 * 1 s / 5 s = 10 workers.
    assert found.numbers["B"] == 50
    assert (found.desired, found.launch) == (10, 0)
    assert wait_time.plan(replace(saw, queued=501), LIMITS, NOW).launch == 3


def test_workers_on_their_way_count_for_half_a_boot() -> None:
    saw = Snapshot(queued=250, in_flight=0, workers=10, launching=10, past=history((0, 0.0)))
    found = wait_time.plan(saw, LIMITS, NOW)
    assert found.numbers["B"] == 250 - 10 * 22.5
    assert found.numbers["needed"] == 5


def test_more_on_their_way_than_stay_are_no_debt() -> None:
    # 5 are booting; 3 messages are not answered yet, so that N_w is 2.
    saw = Snapshot(queued=200, in_flight=0, workers=2, launching=5, unanswered=3)
    found = wait_time.plan(saw, LIMITS, NOW)
    assert found.numbers["ready"] == 0
    assert found.numbers["B"] == 200 - 5 * 22.5
    assert wait_time.plan(replace(saw, queued=0), LIMITS, NOW).launch == 0


def test_what_comes_in_the_meantime_counts() -> None:
    past = history(*[(0, 10.0)] * 20)
    found = wait_time.plan(Snapshot(0, 2, workers=2, arrived=10.0, past=past), LIMITS, NOW)
    # 2 a second: 2 + 2 * 45 - 2 * 45 = 2 left for one worker, but two are needed to keep up.
    assert found.numbers["rate"] == pytest.approx(2)
    assert found.numbers["B"] == pytest.approx(2)
    assert found.desired == 2
    assert found.reason == "keeping up with arrivals"


def test_never_fewer_than_the_deadline_of_the_oldest_needs() -> None:
    saw = Snapshot(queued=40, in_flight=0, workers=2, oldest_wait=60.0, past=history((0, 0.0)))
    found = wait_time.plan(saw, LIMITS, NOW)
    # 120 - 60 - 45 - 1 = 14 s for 40 messages: 2.86 workers; two clear 90 in a boot time.
    assert found.numbers["needed"] == pytest.approx(40 / 14)
    assert found.reason == "the deadline of the oldest"
    # Too late for a worker launched now: whatever the next tick can still do, 40 messages in 5 s.
    late = replace(saw, oldest_wait=110.0)
    assert wait_time.plan(late, LIMITS, NOW).desired == 8
    # Nor can more than one worker for each message help, where a message takes 20 s.
    slow = wait_time.plan(late, replace(LIMITS, service_seconds=20.0, target_wait=1000.0), NOW)
    assert (slow.numbers["needed"], slow.desired, slow.bound) == (40, 19, "W_max")


def test_what_nobody_has_measured_comes_from_the_limits() -> None:
    saw = Snapshot(queued=100, in_flight=0, workers=0, past=history((0, 0.0)))
    assert wait_time.plan(saw, LIMITS, NOW).desired == 19
    assert wait_time.plan(replace(saw, service_seconds=0.1), LIMITS, NOW).desired == 2


def test_fewer_only_after_the_scale_in_delay() -> None:
    busy = history((40, 0.0), *[(0, 0.0)] * 5)
    saw = Snapshot(queued=0, in_flight=0, workers=8, idle=8, past=busy)
    # 40 waited 30 s ago, which is no longer within the delay; 25 s ago it was.
    assert wait_time.plan(saw, LIMITS, NOW).terminate == 8
    kept = wait_time.plan(saw, replace(LIMITS, scale_in_delay=31.0), NOW)
    assert (kept.terminate, kept.desired) == (0, 8)
    assert wait_time.plan(saw, replace(LIMITS, min_workers=3), NOW).terminate == 5


def test_a_worker_above_the_mean_load_stays() -> None:
    past = history(*[(0, 25.0)] * 40)
    saw = Snapshot(queued=0, in_flight=5, workers=7, arrived=25.0, past=past)
    # 5 a second: 5 + 0.5 * sqrt(5) = 6.1, so seven stay, though five are needed.
    assert wait_time.plan(saw, LIMITS, NOW).desired == 7
    assert wait_time.plan(replace(saw, workers=8), LIMITS, NOW).terminate == 1
    assert wait_time.plan(replace(saw, workers=6), LIMITS, NOW).launch == 0


def test_a_service_that_bursts_keeps_workers_for_its_bursts() -> None:
    quiet = [(0, 0.0)] * 8
    bursts = history(*[*quiet, (0, 200.0)] * 38, *[(0, 0.0)] * 18)
    saw = Snapshot(queued=0, in_flight=0, workers=6, past=bursts)
    found = forecast.plan(saw, LIMITS, NOW)
    # Nearly every window of 45 s has 200 arrivals: 200 * 1 s / (45 s + 5 s) = 4 workers.
    assert (found.numbers["A"], found.numbers["expected"]) == (200, 4)
    # Nothing came for 90 s. 4 + 0.5 * sqrt(4) = 5 stay, 4 are launched.
    assert (found.desired, found.terminate) == (5, 1)
    assert forecast.plan(replace(saw, workers=0), LIMITS, NOW).launch == 4
    assert wait_time.plan(saw, LIMITS, NOW).terminate == 6


def test_a_crowd_that_came_once_is_not_expected_again() -> None:
    calm, crowd, quarter = [10.0], [100.0], 90
    once = calm * 270 + crowd * 60 + calm * 30
    twice = calm * 180 + crowd * 45 + calm * 45 + crowd * 45 + calm * 45
    seldom = calm * 340 + crowd * 20
    assert forecast.expected_arrivals(once, quarter) == 10
    assert forecast.expected_arrivals(twice, quarter) == 100
    assert forecast.expected_arrivals(seldom, quarter) == 10
    # Before a quarter is over nobody knows better.
    assert forecast.expected_arrivals(calm * 20 + crowd * 20, quarter) == 100
    assert forecast.expected_arrivals([], quarter) == 0


def test_the_faster_the_boot_the_less_is_kept_for_a_burst() -> None:
    bursts = history(*[(0, 0.0), (0, 0.0), (0, 60.0)] * 120)
    saw = Snapshot(queued=0, in_flight=0, workers=0, past=bursts)
    wanted = [
        forecast.plan(replace(saw, boot_seconds=boot), LIMITS, NOW).numbers["expected"]
        for boot in (45.0, 15.0, 1.0)
    ]
    # 180 in 45 s; 60 in 15 s; 60 in one tick of three, a fifth of it in 1 s.
    assert wanted == [pytest.approx(180 / 50), pytest.approx(60 / 20), pytest.approx(12 / 6)]


def test_the_forecast_is_never_less_than_the_wait_time() -> None:
    for queued in (0, 3, 50, 900):
        saw = Snapshot(queued, 4, workers=3, arrived=9.0, past=history((5, 3.0), (2, 90.0)))
        assert forecast.plan(saw, LIMITS, NOW).desired >= wait_time.plan(saw, LIMITS, NOW).desired
