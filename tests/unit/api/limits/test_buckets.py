"""Token buckets: never more than promised, never less than due, never without bound."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.access.callers import EVERYTHING, Caller, Limit
from api.limits.buckets import Buckets
from api.limits.rates import Limits
from wire.errors import RateLimited

LIMIT = Limit(rate=2.0, burst=4)


def taken(buckets: Buckets, times: list[float], limit: Limit, name: str = "a") -> list[float]:
    """The times at which a token was had."""
    had = []
    for now in times:
        if buckets.wait(name, limit, now) == 0:
            buckets.take(name, limit, now)
            had.append(now)
    return had


def test_a_burst_then_the_rate() -> None:
    assert taken(Buckets(), [0.0] * 9, LIMIT) == [0.0] * 4
    buckets = Buckets()
    had = taken(buckets, [i / 8 for i in range(80)], LIMIT)
    assert len([at for at in had if at >= 4.0]) == 12  # six seconds at two a second


def test_the_wait_is_the_time_until_the_next_token() -> None:
    buckets = Buckets()
    taken(buckets, [0.0] * 4, LIMIT)
    assert buckets.wait("a", LIMIT, 0.0) == 0.5
    assert buckets.wait("a", LIMIT, 0.25) == 0.25
    assert buckets.wait("a", LIMIT, 0.5) == 0.0
    assert buckets.wait("b", LIMIT, 0.0) == 0.0


@settings(max_examples=300)
@given(
    gaps=st.lists(st.floats(0, 3), max_size=120),
    rate=st.floats(0.05, 50),
    burst=st.integers(1, 40),
)
def test_in_no_stretch_of_time_more_than_rate_times_time_and_burst(
    gaps: list[float], rate: float, burst: int
) -> None:
    times = [math.fsum(gaps[: i + 1]) for i in range(len(gaps))]
    had = taken(Buckets(), times, Limit(rate, burst))
    for i, since in enumerate(had):
        for j in range(i, len(had)):
            assert j - i + 1 <= rate * (had[j] - since) + burst + 1e-6


@given(gaps=st.lists(st.floats(0, 3), max_size=60), rate=st.floats(0.05, 50))
def test_who_waits_as_long_as_told_gets_a_token(gaps: list[float], rate: float) -> None:
    buckets, limit, now = Buckets(), Limit(rate, 3), 0.0
    for gap in gaps:
        now += gap
        now += buckets.wait("a", limit, now) + 1e-9
        assert buckets.wait("a", limit, now) == 0
        buckets.take("a", limit, now)


@given(gaps=st.lists(st.floats(0, 1), max_size=100), counts=st.lists(st.integers(1, 5), min_size=1))
def test_a_limit_that_changes_with_the_replicas_never_gives_more_than_the_whole(
    gaps: list[float], counts: list[int]
) -> None:
    buckets, now, had = Buckets(), 0.0, 0
    for i, gap in enumerate(gaps):
        now += gap
        limit = LIMIT.shared(counts[i % len(counts)])
        if buckets.wait("a", limit, now) == 0:
            buckets.take("a", limit, now)
            had += 1
    assert had <= LIMIT.rate * now + LIMIT.burst + 1e-6


def test_a_million_names_take_no_more_room_than_allowed() -> None:
    buckets = Buckets(most=1000)
    for i in range(20_000):
        buckets.take(str(i), LIMIT, 0.0)
    assert len(buckets) == 1000


def test_the_one_that_was_used_last_is_kept() -> None:
    buckets = Buckets(most=10)
    taken(buckets, [0.0] * 3, LIMIT, "mine")
    for i in range(9):
        buckets.take(str(i), LIMIT, 0.0)
    buckets.take("mine", LIMIT, 0.0)
    buckets.take("tenth", LIMIT, 0.0)
    assert buckets.wait("mine", LIMIT, 0.0) > 0
    for i in range(10):
        buckets.take(str(i), LIMIT, 0.0)
    assert buckets.wait("mine", LIMIT, 0.0) == 0


def test_no_rate_is_no_limit_and_no_place() -> None:
    buckets = Buckets()
    assert len(taken(buckets, [0.0] * 500, Limit(0, 1))) == 500
    assert len(buckets) == 0


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def limits(client: Limit, address: Limit, replicas: int = 1) -> tuple[Limits, Clock]:
    clock = Clock()
    return Limits(client, address, lambda: replicas, clock), clock


def admitted(made: Limits, caller: Caller, address: str, tries: int) -> int:
    had = 0
    for _ in range(tries):
        try:
            made.take(caller, address)
        except RateLimited:
            continue
        had += 1
    return had


SHOP = Caller("shop", EVERYTHING, "client-shop")
NOBODY = Caller("", EVERYTHING, "address-1")
PLENTY = Limit(0, 1)


def test_a_client_has_one_bucket_wherever_it_asks_from() -> None:
    made, _ = limits(Limit(1, 4), PLENTY)
    assert admitted(made, SHOP, "192.0.2.1", 3) == 3
    assert admitted(made, SHOP, "192.0.2.2", 3) == 1
    assert admitted(made, Caller("other", EVERYTHING, "g"), "192.0.2.1", 9) == 4


def test_an_address_has_one_bucket_for_all_who_ask_from_it() -> None:
    made, _ = limits(PLENTY, Limit(1, 4))
    assert admitted(made, SHOP, "192.0.2.1", 3) == 3
    assert admitted(made, NOBODY, "192.0.2.1", 3) == 1
    assert admitted(made, NOBODY, "192.0.2.2", 3) == 3


def test_what_the_address_is_refused_costs_the_client_nothing() -> None:
    made, _ = limits(Limit(1, 4), Limit(1, 2))
    assert admitted(made, SHOP, "192.0.2.1", 50) == 2
    assert admitted(made, SHOP, "192.0.2.2", 50) == 2


def test_what_the_client_is_refused_costs_its_address_nothing() -> None:
    made, _ = limits(Limit(1, 2), Limit(1, 4))
    assert admitted(made, SHOP, "192.0.2.1", 50) == 2
    assert admitted(made, NOBODY, "192.0.2.1", 50) == 2


def test_wrong_keys_cost_their_address() -> None:
    made, _ = limits(PLENTY, Limit(1, 2))
    made.take_stranger("192.0.2.1")
    made.take_stranger("192.0.2.1")
    with pytest.raises(RateLimited):
        made.take_stranger("192.0.2.1")


def test_a_clients_own_limit_replaces_the_usual_one() -> None:
    made, _ = limits(Limit(1, 4), PLENTY)
    assert admitted(made, Caller("big", EVERYTHING, "g", 1, 40), "a", 100) == 40
    assert admitted(made, Caller("free", EVERYTHING, "g", 0), "a", 100) == 100


@pytest.mark.parametrize(("rate", "seconds"), [(8.0, 1), (1.0, 1), (0.5, 2), (0.3, 4)])
def test_retry_after_is_in_whole_seconds_and_true(rate: float, seconds: int) -> None:
    made, clock = limits(Limit(rate, 1), PLENTY)
    made.take(SHOP, "a")
    with pytest.raises(RateLimited) as refused:
        made.take(SHOP, "a")
    assert refused.value.retry_in == seconds
    clock.now += seconds
    made.take(SHOP, "a")


def test_each_of_four_replicas_gives_a_quarter_and_one_request_at_least() -> None:
    made, clock = limits(Limit(8, 16), PLENTY, replicas=4)
    assert admitted(made, SHOP, "a", 100) == 4
    clock.now += 10
    assert admitted(made, SHOP, "a", 100) == 4
    lonely, _ = limits(Limit(1, 2), PLENTY, replicas=50)
    assert admitted(lonely, SHOP, "a", 100) == 1
