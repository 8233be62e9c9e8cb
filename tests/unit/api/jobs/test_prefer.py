"""What a request prefers, by the grammar of RFC 7240; and what jobs are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jobs import ids
from api.jobs.prefer import Preference, preferred
from wire.errors import InvalidParameter, JobNotFound

UUID = "0b2b6c0e-6f0c-4d0e-9a53-0d9a5a0f6d3f"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (["respond-async"], Preference(0, "respond-async")),
        (["Respond-Async"], Preference(0, "respond-async")),
        (["wait=10"], Preference(10, "wait=10")),
        (['wait = "10"'], Preference(10, "wait=10")),
        (["respond-async, wait=10"], Preference(10, "respond-async, wait=10")),
        (["respond-async", "wait=10;foo=bar"], Preference(10, "respond-async, wait=10")),
        (["wait=5, wait=10"], Preference(5, "wait=5")),
        (["wait=soon"], None),
        (["wait=-1, handling=lenient"], None),
        (["return=minimal"], None),
        ([""], None),
    ],
)
def test_preferences(headers, found) -> None:
    assert preferred(headers) == found


@given(st.lists(st.text(max_size=40), max_size=4))
def test_whatever_comes_is_read_or_passed_over(headers) -> None:
    found = preferred(headers)
    assert found is None or found.wait >= 0


def test_a_name_is_its_client_s_own_and_an_id_everybody_s() -> None:
    assert ids.named("ann", "x") != ids.named("bob", "x")
    assert ids.sought("ann", ids.named("ann", "x")) == ids.named("ann", "x")
    # Nobody takes the place of a job that another may yet ask for.
    with pytest.raises(InvalidParameter):
        ids.named("bob", ids.named("ann", "x"))
    assert ids.named("ann", UUID) == ids.named("bob", UUID) == UUID


@given(st.text(max_size=70))
def test_what_is_no_name_is_refused_and_not_found(given_) -> None:
    if ids.GIVEN.fullmatch(given_):
        assert ids.GIVEN.fullmatch(ids.named("ann", given_))
        return
    with pytest.raises(InvalidParameter):
        ids.named("ann", given_)
    with pytest.raises(JobNotFound):
        ids.sought("ann", given_)
