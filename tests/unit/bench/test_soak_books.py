"""The judgment over a soak: each kind of wrong is seen."""

import io
import json

import pytest
from rich.console import Console

from bench.soak.client import Asked
from bench.soak.found import Books, Found, books
from bench.soak.pictures import color
from bench.soak.report import table

RIGHT = {"uuid": "a", "result": color(1)}


def asked(number: int = 1, uuid: str = "a", **fields: object) -> Asked:
    given = {"result": color(number), "ids": [uuid]} | fields
    return Asked(number, uuid, **given)


def test_what_is_right_balances() -> None:
    found = books([asked()], [RIGHT, RIGHT], [RIGHT])
    assert found.balance
    assert (found.again, found.unheard) == (1, ())


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
        ("unheard", [asked()], [RIGHT, {"uuid": "b", "result": "red"}], []),
    ],
)
def test_what_is_wrong_is_seen(kind, clients, records, results) -> None:
    found = books(clients, records, results)
    assert not found.balance
    assert getattr(found, kind)


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({}, True),
        ({"kills": 0}, False),
        ({"redelivered": 0}, False),
        ({"restarts": 1}, False),
        ({"faults": {}}, False),
        ({"faults": {"sqs lost": 0}}, False),
        ({"left": {"dead-letter": 1}}, False),
        ({"workers": 5}, False),
        ({"most_workers": 5}, False),
        ({"strays": 1}, False),
    ],
)
def test_a_run_holds_only_if_it_was_hard_and_came_to_rest(fields, holds) -> None:
    clean = Books((), (), (), (), (), (), 0)
    given = {
        "jobs": 1, "seconds": 1.0, "books": clean, "met": {"broken": 1}, "p50": 1.0, "p99": 1.0,
        "faults": {"sqs lost": 1}, "expected": {"sqs lost": 1.2}, "kills": 1, "restarts": 2,
        "restarts_asked": 2, "redelivered": 1, "left": {},
        "workers": 2, "most_workers": 4, "bounds": (2, 4), "strays": 0,
    }  # fmt: skip
    found = Found(**given | fields)
    assert found.holds is holds
    assert json.loads(json.dumps(found.as_json()))["holds"] is holds
    assert found.books.balance


def test_the_table_names_what_was_expected_and_what_nobody_heard_of() -> None:
    told = Books((), (), (), (), (), ("job-b",), 0)
    found = Found(
        1, 1.0, told, {}, 1.0, 1.0, {"sqs lost": 3}, {"sqs lost": 41.0}, 1, 1, 2, 1, {}, 2, 4, (2, 4), 0
    )  # fmt: skip
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table(found))
    text = console.export_text()
    assert "DOES NOT HOLD" in text
    for words in ("unheard", "job-b", "41 expected", "2 meant"):
        assert words in text
