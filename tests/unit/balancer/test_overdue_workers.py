"""Who has been waited for long enough."""

import pytest

from balancer.ledger import Row
from balancer.patience import Patience
from wire.messages import Report

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
    # 30 s to finish, 30 s until what it still holds is visible again.
    assert overdue(row, 560) == []
    assert overdue(row, 561)[0].grace == 0


def test_one_that_stopped_and_is_still_there_is_removed_sooner() -> None:
    stopped = Report(sender="a", kind="worker", state="stopped")
    row = Row("a", 0.0, seen_at=0, ready_at=1, heard_at=502, draining_at=500, last=stopped)
    assert overdue(row, 532) == []
    assert overdue(row, 533)[0].grace == 0


def test_a_silent_worker_is_asked_first() -> None:
    row = Row("a", 0.0, seen_at=0, ready_at=1, heard_at=100)
    assert overdue(row, 220) == []
    assert overdue(row, 221)[0].grace == 60


@pytest.mark.parametrize(
    "row", [Row("boots", 0.0, seen_at=0), Row("silent", 0.0, seen_at=0, ready_at=1, heard_at=2)]
)
def test_nobody_was_silent_while_the_balancer_did_not_listen(row: Row) -> None:
    assert overdue(row, 1000, since=990) == []
    assert overdue(row, 1000, since=0) != []


def test_nobody_is_ended_twice() -> None:
    assert overdue(Row("a", 0.0, seen_at=0, ending=True), 1000) == []


@pytest.mark.parametrize(
    ("measured", "grace"), [(None, 60), (1.0, 31.0), (14.0, 44.0), (18.0, 54.0), (45.0, 60)]
)
def test_a_boot_is_waited_for_by_what_boots_take(measured, grace) -> None:
    assert PATIENCE.boot_grace(measured) == grace
    row = Row("a", 0.0, seen_at=0)
    assert PATIENCE.overdue([row], 0.0, grace, measured) == []
    [late] = PATIENCE.overdue([row], 0.0, grace + 1, measured)
    assert late.booting


def test_a_successor_gives_a_leaving_worker_its_whole_grace() -> None:
    stopped = Report(sender="a", kind="worker", state="stopped")
    for row in (
        Row("a", 0.0, seen_at=0, ready_at=1, heard_at=500, draining_at=500),
        Row("a", 0.0, seen_at=0, ready_at=1, heard_at=500, draining_at=500, last=stopped),
    ):
        assert overdue(row, 1000, since=995) == []
        assert overdue(row, 1100, since=995) != []
