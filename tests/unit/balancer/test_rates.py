"""Arrivals a second and per window, from ticks."""

import pytest

from balancer.plan import Past, Snapshot
from balancer.rates import Rates


def seen(*arrived: float) -> Rates:
    """One tick of 5 s each, the last one now; before them a tick that counted since nobody knows when."""
    arrived = (1e6, *arrived)
    past = tuple(
        Past(at=5.0 * i, queued=0, in_flight=0, workers=0, busy=0, arrived=each, desired=0)
        for i, each in enumerate(arrived[:-1])
    )
    saw = Snapshot(0, 0, workers=0, arrived=arrived[-1], past=past)
    return Rates(saw, 5.0, 5.0 * (len(arrived) - 1))


def test_the_mean_is_over_the_window_or_as_long_as_anything_is_known() -> None:
    rates = seen(10, 20, 30)
    assert rates.mean(60) == pytest.approx(60 / 15)
    assert rates.mean(10) == pytest.approx(50 / 10)
    assert rates.mean(1) == pytest.approx(30 / 5)
    assert rates.mean(10, ago=1) == pytest.approx(30 / 10)
    assert rates.mean(60, ago=2) == pytest.approx(10 / 5)
    assert rates.mean(60, ago=99) == 0


def test_a_missed_tick_is_not_taken_for_a_burst() -> None:
    past = (Past(0.0, 0, 0, 0, 0, 10.0, 0), Past(45.0, 0, 0, 0, 0, 90.0, 0))
    rates = Rates(Snapshot(0, 0, workers=0, arrived=10.0, past=past), 5.0, 50.0)
    assert rates.mean(10) == pytest.approx(100 / 50)


def test_at_the_first_tick_nothing_is_known() -> None:
    rates = Rates(Snapshot(9, 0, workers=0, arrived=9.0), 5.0, 100.0)
    assert (rates.mean(60), rates.windows(45, 1800)) == (0, [])


def test_windows_end_with_each_tick() -> None:
    rates = seen(*range(1, 11))
    assert rates.windows(10, 1800) == [3, 5, 7, 9, 11, 13, 15, 17, 19]
    # The last 20 s alone: 7, 8, 9, 10.
    assert rates.windows(10, 20) == [15, 17, 19]


def test_of_a_window_shorter_than_a_tick_only_its_part_is_counted() -> None:
    assert seen(10, 10, 10).windows(1, 1800) == pytest.approx([2, 2, 2])
    assert seen(10, 10, 10).windows(0, 1800) == [0, 0, 0]


def test_with_less_history_than_a_window_what_there_is_counts() -> None:
    assert seen(7).windows(45, 1800) == [7]
    assert seen(7, 8).windows(45, 1800) == [15]
