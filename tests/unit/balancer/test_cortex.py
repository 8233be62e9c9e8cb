"""Cortex's autoscaler: the documented rules, with figures worked out by hand."""

import pytest

from balancer.plan import Limits, Past, Snapshot
from balancer.policies.cortex import plan, recommendation

LIMITS = Limits(qos=5, min_workers=1, max_workers=100)
NOW = 3600.0


def past(in_flight: int, current: int, until: float, seconds: float) -> tuple[Past, ...]:
    ticks = int(seconds / 5)
    return tuple(
        Past(until - 5.0 * (ticks - i), in_flight, 0, current, 0, 0.0, current)
        for i in range(ticks)
    )


def look(in_flight: int, current: int, earlier: tuple[Past, ...]) -> Snapshot:
    return Snapshot(in_flight, 0, workers=current, past=earlier)


@pytest.mark.parametrize(
    ("mean", "current", "count"),
    [
        (50, 10, 10),
        (52, 10, 10),  # 10.4 is within 5 % above
        (53, 10, 11),
        (48, 10, 10),  # 9.6 is within 5 % below
        (47, 10, 10),  # 9.4 is not, but its ceiling is 10
        (45, 10, 9),
        (500, 10, 15),  # at most 1.5 times
        (500, 1, 2),  # one more is always allowed
        (0, 10, 8),  # at least ceil(0.75 * 10)
        (0, 2, 1),  # one fewer is always allowed
        (0, 1, 1),  # W_min
    ],
)
def test_a_recommendation(mean: float, current: int, count: int) -> None:
    assert recommendation(mean, current, LIMITS) == count


def test_in_flight_is_the_mean_of_a_minute() -> None:
    calm = past(50, 10, NOW - 30, 600)
    burst = past(110, 10, NOW, 30)
    found = plan(look(110, 10, (*calm, *burst)), LIMITS, NOW)
    # Ticks of the last 60 s: 5 with 50, 7 with 110.
    assert found.numbers["in flight"] == pytest.approx((5 * 50 + 7 * 110) / 12)


def test_up_to_the_lowest_recommendation_of_a_minute() -> None:
    def after(seconds: float) -> int:
        calm = past(50, 10, NOW - seconds, 600)
        load = past(70, 10, NOW, seconds)
        return plan(look(70, 10, (*calm, *load)), LIMITS, NOW).desired

    # The mean is above 52.5 from the second tick after the rise on: recommended 10 s after it.
    assert after(50.0) == 10
    assert after(60.0) == 11
    assert after(90.0) == 13
    assert after(180.0) == 14


def test_down_to_the_highest_recommendation_of_five_minutes() -> None:
    def after(seconds: float) -> int:
        load = past(50, 10, NOW - seconds, 600)
        calm = past(20, 10, NOW, seconds)
        return plan(look(20, 10, (*load, *calm)), LIMITS, NOW).desired

    # 290 s ago the mean was 47.5; 280 s ago 42.5.
    assert after(290.0) == 10
    assert after(300.0) == 9
    assert after(400.0) == 8


def test_not_down_in_the_first_five_minutes_nor_up_in_the_first() -> None:
    assert plan(look(0, 10, past(0, 10, NOW, 280)), LIMITS, NOW).desired == 10
    assert plan(look(0, 10, past(0, 10, NOW, 300)), LIMITS, NOW).desired == 8
    assert plan(look(100, 10, past(100, 10, NOW, 50)), LIMITS, NOW).desired == 10
    assert plan(look(100, 10, past(100, 10, NOW, 60)), LIMITS, NOW).desired == 15


def test_nothing_changes_between_two_ticks_of_10_s() -> None:
    assert plan(look(100, 10, past(100, 10, NOW + 5, 600)), LIMITS, NOW + 5).desired == 10


def test_a_message_wakes_it_from_zero() -> None:
    limits = Limits(qos=5, min_workers=0, max_workers=100)
    assert plan(look(1, 0, past(0, 0, NOW, 600)), limits, NOW).desired == 1
    assert plan(look(0, 0, past(0, 0, NOW, 600)), limits, NOW).desired == 0
