"""When the operator's page, left open, counts as live, flat and cheap."""

from bench.operate.page import Looked
from bench.operate.verdict import judged, told

CLOSED = [{"front end": 0.100, "balancer": 0.010}, {"front end": 0.102, "balancer": 0.010}]


def looks(minutes: int, grows: float = 0.0, age: float = 2.0) -> list[Looked]:
    """One a minute; the heap fills for a quarter of an hour, then grows by so many MiB a minute."""
    return [
        Looked(60.0 * n, 3 + 0.1 * min(n, 15) + grows * n, 900, 60, True, age)
        for n in range(minutes + 1)
    ]


def test_a_page_that_fills_and_stays_so_is_flat() -> None:
    found = judged(looks(60), {"front end": 0.110, "balancer": 0.012}, CLOSED)
    assert found.holds
    assert abs(found.serving - 0.011) < 1e-9


def test_one_that_goes_on_growing_is_not() -> None:
    assert not judged(looks(60, grows=0.05), {"front end": 0.1}, CLOSED).holds


def test_a_tick_that_is_too_old_is_not_live() -> None:
    found = judged([*looks(5), *looks(1, age=40.0)], {"front end": 0.1}, CLOSED)
    assert (found.stale, found.holds) == (2, False)


def test_it_may_cost_two_hundredths_of_a_core() -> None:
    assert not judged(looks(60), {"front end": 0.130, "balancer": 0.010}, CLOSED).holds


def test_a_short_run_says_that_it_saw_nothing_of_growth() -> None:
    found = judged(looks(5, grows=1.0), {"front end": 0.1}, CLOSED)
    assert found.heap is None
    assert "too short to judge" in told(found)
