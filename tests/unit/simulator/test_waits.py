import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balancer.simulator.waits import Waits

lists = st.lists(st.floats(0, 1e5), min_size=1, max_size=300)


def added(counted, waits, seconds):
    """Pictures sent at second 0."""
    begun = np.array(waits)
    counted.add(begun, np.zeros_like(begun), seconds)


@given(lists, st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]))
def test_quantiles_are_those_of_the_sorted_waits_within_a_thousandth(waits, share):
    counted = Waits(120.0)
    added(counted, waits, 1.0)
    exact = float(np.quantile(waits, share, method="inverted_cdf"))
    assert counted.quantile(share) == pytest.approx(exact, rel=1e-3, abs=1.1e-3)


@given(lists, st.data())
def test_what_is_retracted_was_never_there(waits, data):
    gone = data.draw(st.sampled_from(waits))
    rest = list(waits)
    rest.remove(gone)
    counted, expected = Waits(60.0), Waits(60.0)
    added(counted, waits, 2.0)
    counted.retract(gone, 0.0, 2.0)
    added(expected, rest, 2.0)
    assert counted.count == expected.count
    assert counted.misses == expected.misses == sum(wait + 2.0 > 60.0 for wait in rest)
    assert counted.total == pytest.approx(expected.total, abs=1e-6)
    if rest:
        assert counted.quantile(0.95) == pytest.approx(expected.quantile(0.95), rel=1e-3)


def test_more_waits_than_fit_in_the_buffer_are_counted_all():
    counted = Waits(120.0)
    many = np.linspace(0, 100, 300_001)
    added(counted, many, 1.0)
    added(counted, many[:10], 1.0)
    assert counted.count == 300_011
    assert counted.quantile(0.5) == pytest.approx(50, rel=1e-3)
    assert counted.longest == 100.0


def test_the_longest_since_last_asked():
    counted = Waits(120.0)
    added(counted, [3.0, 1.0], 1.0)
    assert (counted.lately(), counted.lately(), counted.longest) == (3.0, 0.0, 3.0)


def test_nothing_waited_for_nothing():
    assert Waits(120.0).quantile(0.99) == 0.0


def test_what_was_sent_before_is_not_counted_nor_can_it_be_retracted():
    counted = Waits(5.0, since=60.0)
    counted.add(np.array([61.0, 90.0, 100.0]), np.array([0.0, 59.9, 60.0]), 1.0)
    assert (counted.count, counted.total, counted.longest, counted.misses) == (1, 40.0, 40.0, 1)
    counted.retract(61.0, 0.0, 1.0)
    counted.retract(90.0, 59.9, 1.0)
    assert (counted.count, counted.misses) == (1, 1)
    assert counted.quantile(0.5) == pytest.approx(40.0, rel=1e-3)
    counted.retract(100.0, 60.0, 1.0)
    assert (counted.count, counted.total, counted.misses) == (0, 0.0, 0)
