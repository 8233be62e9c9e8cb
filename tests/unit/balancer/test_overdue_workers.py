"""Who has been waited for long enough."""

import pytest

from balancer.ledger import Row
from balancer.patience import Patience

PATIENCE = Patience(boot=60, silence=120, stop=30)


def overdue(row: Row, now: float, since: float = 0.0):
    return PATIENCE.overdue([row], since, now)


def test_a_worker_that_never_reports_ready_is_ended() -> None:
    row = Row("a", 0.0, seen_at=100)
    assert overdue(row, 160) == []
    assert [late.worker for late in overdue(row, 161)] == ["a"]
    assert "ready" in overdue(row, 161)[0].reason


def test_a_draining_worker_is_given_its_grace_then_none() -> None:
    row = Row("a", 0.0, seen_at=0, ready_at=1, heard_at=500, draining_at=500)
    assert overdue(row, 530) == []
    assert overdue(row, 531)[0].grace == 0


def test_a_silent_worker_is_asked_first() -> None:
    row = Row("a", 0.0, seen_at=0, ready_at=1, heard_at=100)
    assert overdue(row, 220) == []
    assert overdue(row, 221)[0].grace == 30


@pytest.mark.parametrize(
    "row", [Row("boots", 0.0, seen_at=0), Row("silent", 0.0, seen_at=0, ready_at=1, heard_at=2)]
)
def test_nobody_was_silent_while_the_balancer_did_not_listen(row: Row) -> None:
    assert overdue(row, 1000, since=990) == []
    assert overdue(row, 1000, since=0) != []


def test_nobody_is_ended_twice() -> None:
    assert overdue(Row("a", 0.0, seen_at=0, ending=True), 1000) == []
