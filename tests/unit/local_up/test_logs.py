"""Reading and shortening what the parts write."""

import json
from pathlib import Path

from local.up.logs import Tail, last_line, opened, readable, shorten


def test_the_last_line_with_text_is_made_readable(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_text(
        '{"event": "old"}\n'
        '{"event": "cannot start", "port": 8000, "level": "error", "timestamp": "t"}\n\n'
    )
    assert last_line(log) == "cannot start port=8000"


def test_a_missing_or_empty_log_has_no_last_line(tmp_path: Path) -> None:
    assert last_line(tmp_path / "none.log") == ""
    (tmp_path / "empty.log").touch()
    assert last_line(tmp_path / "empty.log") == ""


def test_the_last_line_of_a_long_log_is_found(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("x" * 100_000 + "\nModuleNotFoundError: No module named 'y'\n")
    assert last_line(log) == "ModuleNotFoundError: No module named 'y'"


def test_what_is_no_object_stays_as_it_is() -> None:
    assert readable("42") == "42"
    assert readable("plain words") == "plain words"
    assert len(readable("x" * 1000)) == 300


def test_a_trace_becomes_one_line() -> None:
    assert "\n" not in readable(json.dumps({"event": "failed", "exception": "a\nb"}))


def test_a_tail_gives_whole_lines_once(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("before\n")
    tail = Tail(log)
    with opened(log) as file:
        file.write(b"one\ntw")
        assert tail.fresh() == ["one"]
        file.write(b"o\n")
        assert tail.fresh() == ["two"]
        assert tail.fresh() == []


def test_a_tail_bears_a_log_that_comes_later(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "x.log")
    assert tail.fresh() == []
    (tmp_path / "x.log").write_text("first\n")
    assert tail.fresh() == ["first"]


def test_shortening_keeps_the_text_and_the_writer_and_the_reader(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    with opened(log) as file:
        tail = Tail(log)
        file.write(b"0123456789\n" * 10)
        assert len(tail.fresh()) == 10
        shorten(log, limit=50)
        assert (tmp_path / "x.log.1").read_bytes() == b"0123456789\n" * 10
        file.write(b"after\n")
        assert log.read_bytes() == b"after\n"
        assert tail.fresh() == ["after"]


def test_a_short_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("short\n")
    shorten(log, limit=50)
    shorten(tmp_path / "none.log", limit=50)
    assert log.read_text() == "short\n"
    assert not (tmp_path / "x.log.1").exists()
