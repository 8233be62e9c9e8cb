"""Money: what a budget pays for, and what pictures cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balancer.budget import Costs, within
from balancer.fleet import FleetWorker
from balancer.ledger import Ledger
from balancer.operator import KEY, Desk
from balancer.plan import Limits
from balancer.rules import RuleBook
from balancer.ruling import Ruling
from balancer.spending import WINDOW, Spending
from wire.memory import MemoryStore

LIMITS = Limits(min_workers=1, max_workers=19)


def test_without_a_budget_nothing_changes() -> None:
    assert within(None, LIMITS, Costs(99.0, 9.0), 11) == (LIMITS, None)


def test_workers_that_cost_nothing_are_not_limited() -> None:
    assert within(1.0, LIMITS, Costs(0.0, 0.0), 11) == (LIMITS, None)


def test_the_budget_lowers_the_greatest_number_and_says_so() -> None:
    limits, left = within(0.30, LIMITS, Costs(0.20, 0.10), 2)
    assert (limits.max_workers, limits.max_bound) == (3, "budget")
    assert left == pytest.approx(0.10)


def test_a_budget_for_more_than_allowed_binds_nothing() -> None:
    limits, left = within(10.0, LIMITS, Costs(0.20, 0.10), 2)
    assert limits == LIMITS
    assert left == pytest.approx(9.8)


def test_over_the_budget_the_greatest_number_is_below_what_runs() -> None:
    limits, left = within(0.30, LIMITS, Costs(0.70, 0.10), 7)
    assert (limits.max_workers, left) == (3, 0.0)


def test_those_who_leave_cost_until_they_are_gone_but_send_nobody_else_away() -> None:
    # Five stay, two leave.
    limits, left = within(0.50, LIMITS, Costs(0.70, 0.10), 5)
    assert (limits.max_workers, left) == (5, 0.0)


def test_the_least_number_is_kept_at_any_price() -> None:
    floor = Limits(min_workers=2, max_workers=19)
    limits, left = within(0.10, floor, Costs(0.0, 0.50), 0)
    assert (limits.max_workers, limits.min_workers, left) == (2, 2, None)
    limits, left = within(0.10, floor, Costs(1.0, 0.50), 2)
    assert (limits.max_workers, left) == (2, 0.0)


def test_below_the_least_number_nobody_beyond_it_is_launched_at_any_price() -> None:
    # A spot price is known, and an on-demand one may be asked for: ten of them would be 0.41 $ an hour.
    roomy = Limits(min_workers=2, max_workers=50)
    limits, left = within(1.0, roomy, Costs(0.04, 0.04), 1)
    assert (limits.max_workers, limits.max_bound, left) == (2, "budget", None)
    limits, left = within(1.0, roomy, Costs(0.14, 0.07), 2)
    assert (limits.max_workers, left) == (14, pytest.approx(0.86))


def test_before_the_first_price_is_known_the_launch_itself_looks_at_it() -> None:
    free = Limits(min_workers=0, max_workers=19)
    assert within(0.30, free, Costs(), 0) == (free, 0.30)
    limits, left = within(0.30, LIMITS, Costs(), 0)
    assert (limits.max_workers, left) == (1, None)


@given(
    budget=st.floats(0.01, 50),
    price=st.one_of(st.none(), st.floats(0.01, 5)),
    staying=st.integers(0, 40),
    leaving=st.integers(0, 5),
    least=st.integers(0, 5),
    most=st.integers(5, 30),
)
def test_it_never_allows_more_and_never_less_than_the_least(
    budget, price, staying, leaving, least, most
) -> None:
    limits = Limits(min_workers=least, max_workers=most)
    hourly = (staying + leaving) * (price or 0.0)
    allowed, left = within(budget, limits, Costs(hourly, price), staying)
    assert least <= allowed.max_workers <= most
    assert allowed.min_workers == least
    assert left is None or 0 <= left <= budget
    if price is not None and allowed.max_workers > least:
        assert allowed.max_workers * price <= budget * (1 + 1e-6)
    # Money that is not looked at is spent on the least number only.
    if left is None:
        assert allowed.max_workers == least


def test_a_thousand_pictures_cost_what_the_workers_did_meanwhile() -> None:
    spending = Spending()
    assert spending.add(0.0, 0.36, 0) is None
    assert spending.add(10.0, 0.36, 100) == pytest.approx(0.01)
    assert spending.add(20.0, 0.36, 0) == pytest.approx(0.02)


def test_what_workers_cost_while_another_balancer_led_is_not_charged_to_the_next_tick() -> None:
    spending = Spending()
    spending.add(0.0, 0.36, 0)
    spending.add(10.0, 0.36, 100)
    spending.begin(7200.0)
    assert spending.add(7210.0, 0.36, 100) == pytest.approx(0.01)


def test_what_is_long_ago_does_not_count() -> None:
    spending = Spending()
    spending.add(0.0, 3600.0, 0)
    spending.add(10.0, 3600.0, 1)
    assert spending.add(10.0 + WINDOW, 0.0, 1000) == pytest.approx(1000 * 10 / 1001)
    assert spending.add(11.0 + WINDOW, 0.0, 0) == 0.0


async def test_the_rules_of_a_tick_put_budget_over_operator_over_settings() -> None:
    ledger, store = Ledger(), MemoryStore()
    desk = Desk(store, Limits(min_workers=0, max_workers=4))
    book = RuleBook(desk, ledger, budget=0.35)
    assert book.rules(0.0).limits.max_workers == 4
    assert book.rules(0.0).hourly == 0.35
    await store.put(KEY, Ruling(max_workers=30).encode().encode())
    await desk.look()
    assert book.rules(0.0).limits.max_bound == "operator"
    ledger.admit([FleetWorker(f"w{n}", 0.0, hourly=0.1) for n in range(6)], 0.0)
    rules = book.rules(0.0)
    assert (rules.limits.max_workers, rules.limits.max_bound, rules.hourly) == (3, "budget", 0.0)
    # Its price is remembered when nobody is left.
    ledger.dismiss([], 1.0)
    ledger.admit([], 1.0)
    assert book.rules(1.0).limits.max_workers == 3
    assert book.rules(1.0).hourly == 0.35
