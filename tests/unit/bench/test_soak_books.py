"""The judgment over a soak: each kind of wrong is seen."""

import json

import pytest

from bench.soak.client import Asked
from bench.soak.found import Books, Found, books
from bench.soak.pictures import color

RIGHT = {"uuid": "a", "result": color(1)}


def asked(number: int = 1, uuid: str = "a", **fields: object) -> Asked:
    given = {"result": color(number), "ids": [uuid]} | fields
    return Asked(number, uuid, **given)


def test_what_is_right_balances() -> None:
    found = books([asked()], [RIGHT, RIGHT], [RIGHT])
    assert found.balance
    assert (found.again, found.unheard) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "clients", "records", "results"),
    [
        ("lost", [asked(uuid="", result="", code="gave up", ids=[])], [], []),
        ("wrong", [asked(result="gray")], [{"uuid": "a", "result": "gray"}], []),
        ("wrong", [asked(result="", code="worker_crashed")], [RIGHT], []),
        ("doubled", [asked(), asked()], [RIGHT], []),
        ("unrecorded", [asked()], [], []),
        ("contradicted", [asked()], [RIGHT, {"uuid": "a", "result": "gray"}], []),
        ("contradicted", [asked()], [RIGHT, {"uuid": "a", "error": {"code": "internal"}}], []),
        ("contradicted", [asked()], [RIGHT], [{"uuid": "a", "result": "gray"}]),
    ],
)
def test_what_is_wrong_is_seen(kind, clients, records, results) -> None:
    found = books(clients, records, results)
    assert not found.balance
    assert getattr(found, kind)


def test_a_job_that_nobody_heard_of_may_be_recorded() -> None:
    found = books([asked()], [RIGHT, {"uuid": "b", "result": "red"}], [])
    assert found.balance
    assert found.unheard == 1


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({}, True),
        ({"kills": 0}, False),
        ({"faults": {"sqs lost": 0}}, False),
        ({"left": {"dead-letter": 1}}, False),
        ({"workers": 5}, False),
        ({"most_workers": 5}, False),
        ({"strays": 1}, False),
    ],
)
def test_a_run_holds_only_if_it_was_hard_and_came_to_rest(fields, holds) -> None:
    clean = Books((), (), (), (), (), 0, 0)
    given = {
        "jobs": 1, "seconds": 1.0, "books": clean, "met": {"broken": 1}, "p50": 1.0, "p99": 1.0,
        "faults": {"sqs lost": 1}, "kills": 1, "restarts": 2, "redelivered": 1, "left": {},
        "workers": 2, "most_workers": 4, "bounds": (2, 4), "strays": 0,
    }  # fmt: skip
    found = Found(**given | fields)
    assert found.holds is holds
    assert json.loads(json.dumps(found.as_json()))["holds"] is holds
    assert found.books.balance
