"""Who takes a place among those that boot, and for how long."""

import pytest

from balancer.boots import LONG_AT_LEAST, Boots
from balancer.ledger import Row

ONE = Boots(at_once=1, usual=10.0)


@pytest.mark.parametrize(
    ("measured", "normal"), [(None, 20.0), (4.0, 8.0), (30.0, 60.0), (0.7, LONG_AT_LEAST)]
)
def test_a_boot_takes_its_place_for_as_long_as_is_normal(measured, normal) -> None:
    rows = [Row("a", 0.0, seen_at=1000.0)]
    assert ONE.room(rows, measured, 1000.0) == 0
    assert ONE.room(rows, measured, 1000.0 + 0.99 * normal) == 0
    assert ONE.room(rows, measured, 1000.0 + normal) == 1


def test_who_works_or_leaves_takes_none() -> None:
    works, goes = Row("a", 0.0, 1000.0, ready_at=1001.0), Row("b", 0.0, 1000.0, ending=True)
    boots = Row("c", 0.0, 1000.0)
    assert ONE.room([works, goes], None, 1001.0) == 1
    assert Boots(3, 10.0).room([works, goes, boots], None, 1001.0) == 2
    assert ONE.room([boots, boots, boots], None, 1001.0) == 0
