"""A line a time, for programs and for people."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from tests.logged import capture_logs
from wire import log


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, root.handlers
    yield
    root.handlers = handlers
    root.setLevel(level)


def written(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_has_event_fields_process_level_and_time(capsys):
    log.configure("api")
    log.get("here").warning("no answer", job="a", seconds=1.5, why=ValueError("x"))
    [line] = written(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "no answer",
        "job": "a",
        "seconds": 1.5,
        "why": "ValueError('x')",
        "process": "api",
        "level": "warning",
    }


def test_a_percent_sign_is_no_format(capsys):
    log.configure("api")
    log.get("here").info("100 % of %s")
    assert written(capsys)[0]["event"] == "100 % of %s"


def test_the_level_holds_for_our_lines_and_for_libraries(capsys):
    log.configure("api", "warning")
    log.get("here").info("unheard")
    logging.getLogger("library").info("unheard")
    logging.getLogger("library").warning("heard %d", 1)
    assert [line["event"] for line in written(capsys)] == ["heard 1"]


def test_what_is_handled_stands_with_an_exception_and_a_given_one_with_an_error(capsys):
    log.configure("api")
    try:
        raise KeyError("inner")
    except KeyError as error:
        log.get("here").exception("broke")
        kept = error
    log.get("here").error("failed", exc_info=kept)
    log.get("here").warning("expected", exc_info=None)
    first, second, third = written(capsys)
    assert "KeyError: 'inner'" in first["exception"]
    assert "KeyError: 'inner'" in second["exception"]
    assert "exception" not in third


def test_a_person_reads_text(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    log.configure("api")
    log.get("here").info("listening", address="here:1")
    text = capsys.readouterr().err
    assert "listening" in text
    assert "'here:1'" in text
    assert not text.startswith("{")


def test_what_tests_look_at_is_what_was_said():
    with capture_logs() as said:
        log.get("here").info("seen", job=1)
    assert said == [{"event": "seen", "log_level": "info", "job": 1}]
