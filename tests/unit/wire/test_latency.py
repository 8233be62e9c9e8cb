"""Times by bucket: what is lost by that, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.latency import BOUNDS, GROWTH, added, bucket, middle, percentile

TIMES = st.floats(0.005, 149)


@given(TIMES)
def test_a_bucket_stands_for_its_times_within_an_eighth(seconds) -> None:
    assert middle(bucket(seconds)) == pytest.approx(seconds, rel=GROWTH**0.5 - 1 + 1e-9)


@given(st.lists(TIMES, min_size=1, max_size=60), st.sampled_from([0.5, 0.95, 0.99]))
def test_percentiles_are_those_of_the_times(times, share) -> None:
    counts = added([{bucket(each): 1} for each in times])
    exact = sorted(times)[min(len(times) - 1, max(0, -int(-share * len(times) // 1) - 1))]
    found = percentile(counts, share)
    assert found is not None
    assert found == pytest.approx(exact, rel=GROWTH - 1)


def test_nothing_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None


def test_what_takes_longer_than_all_is_in_the_last_bucket() -> None:
    assert bucket(1e6) == len(BOUNDS)
    assert middle(bucket(1e6)) < 200
