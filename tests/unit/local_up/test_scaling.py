"""What of the balancer's log reaches the terminal."""

import json

import pytest

from local.up.scaling import FleetNews


def line(**fields: object) -> str:
    return json.dumps({"process": "balancer", "level": "info", **fields})


def test_workers_that_come_and_go_are_told() -> None:
    news = FleetNews()
    started = news("balancer", line(event="worker launched", worker="w-1", pid=3))
    assert started == "worker w-1 started"
    gone = news("balancer", line(event="worker exited", worker="w-1", code=0))
    assert gone == "worker w-1 gone (exit 0)"


@pytest.mark.parametrize(
    ("numbers", "text"),
    [({"launch": 1, "terminate": 0}, "1 more: b"), ({"launch": 0, "terminate": 2}, "2 fewer: b")],
)
def test_a_tick_that_changes_the_fleet_says_why(numbers: dict[str, int], text: str) -> None:
    assert FleetNews()("balancer", line(event="tick", why="b", **numbers)) == text


@pytest.mark.parametrize(
    ("complaint", "shown"),
    [
        (line(event="no model", process="worker", level="error", model="x"), "no model model=x"),
        ("ModuleNotFoundError: No module named 'y'", "ModuleNotFoundError: No module named 'y'"),
    ],
)
def test_a_worker_that_fails_is_told_with_its_last_complaint(complaint: str, shown: str) -> None:
    news = FleetNews()
    assert news("balancer", complaint) is None
    assert news("balancer", "") is None
    gone = line(event="worker exited", worker="w-1", code=2)
    assert news("balancer", gone) == f"worker w-1 gone (exit 2): {shown}"
    assert news("balancer", gone) == "worker w-1 gone (exit 2)"


@pytest.mark.parametrize(
    ("code", "text"),
    [(-9, "worker w gone (signal 9)"), (None, "worker w gone"), (0, "worker w gone (exit 0)")],
)
def test_how_a_worker_ended_is_told_where_it_is_known(code: int | None, text: str) -> None:
    assert FleetNews()("balancer", line(event="worker exited", worker="w", code=code)) == text


def test_a_worker_that_ends_well_is_told_without_old_complaints() -> None:
    news = FleetNews()
    news("balancer", line(event="one picture failed", process="worker", level="error"))
    assert news("balancer", line(event="worker exited", worker="w", code=0)) == (
        "worker w gone (exit 0)"
    )


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("balancer", line(event="tick", why="nothing to do", launch=0, terminate=0)),
        ("balancer", line(event="worker launched", process="worker", worker="w-1")),
        ("balancer", "no structured line"),
        ("api", line(event="worker launched", worker="w-1")),
    ],
)
def test_all_else_is_kept_to_the_log(part: str, text: str) -> None:
    assert FleetNews()(part, text) is None


def test_who_is_ended_and_what_the_operator_says_is_told() -> None:
    news = FleetNews()
    ended = line(event="worker is ended", worker="w", why="it has fallen silent", level="warning")
    assert news("balancer", ended) == "worker w is ended: it has fallen silent"
    said = {"event": "operator's limits", "min_workers": 0, "max_workers": 3}
    assert news("balancer", line(**said, paused=False)) == "limits: 0 to 3 workers"
    assert news("balancer", line(**said, paused=True)) == "limits: 0 to 3 workers, paused"
