"""How many people the shapes of the locustfile bring, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.load_shapes import SHAPES, Terms, users


@given(st.sampled_from(sorted(SHAPES)), st.integers(1, 500), st.floats(1, 1e4), st.floats(0, 0.999))
def test_there_is_always_somebody_and_never_more_than_all(
    shape: str, most: int, seconds: float, share: float
) -> None:
    count = users(shape, share * seconds, Terms(most, seconds))
    assert count is not None
    assert 1 <= count <= most


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_run_ends(shape: str) -> None:
    assert users(shape, 60.0, Terms(10, 60.0)) is None


def test_steps_climb_to_all() -> None:
    terms = Terms(40, 100.0, steps=4)
    assert [users("steps", at, terms) for at in (0, 24, 26, 51, 76, 99)] == [10, 10, 20, 30, 40, 40]


def test_a_spike_comes_and_goes() -> None:
    terms = Terms(40, 100.0)
    assert [users("spike", at, terms) for at in (0, 39, 40, 59, 60)] == [4, 4, 40, 40, 4]


def test_a_soak_stays() -> None:
    terms = Terms(40, 100.0)
    assert [users("soak", at, terms) for at in (0, 5, 10, 99)] == [1, 20, 40, 40]
