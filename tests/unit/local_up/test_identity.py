"""A pid alone names no process."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from local.up.errors import DataInUse
from local.up.identity import identify
from local.up.leftovers import leftovers
from local.up.lock import locked
from local.up.notes import Notes


def test_a_process_is_found_by_pid_and_start() -> None:
    mine = identify(os.getpid())
    assert mine is not None
    process = mine.process()
    assert process is not None
    assert process.pid == os.getpid()


def test_a_pid_that_was_given_out_again_is_nobodys() -> None:
    mine = identify(os.getpid())
    assert mine is not None
    assert replace(mine, created=mine.created - 60).process() is None


def test_notes_survive_and_a_broken_one_counts_as_none(tmp_path: Path) -> None:
    notes = Notes(tmp_path / "run")
    mine = identify(os.getpid())
    assert mine is not None
    notes.write("api", mine, tmp_path / "api.log", "http://x")
    for name, text in (("a", "{"), ("b", "[]"), ("c", '{"pid": 1}'), ("d", "")):
        (tmp_path / "run" / f"{name}.json").write_text(text)
    assert list(notes.identities()) == [mine]
    notes.clear("api")
    notes.clear("api")
    assert list(notes.identities()) == []


def test_a_note_about_somebody_elses_process_leads_to_no_signal(tmp_path: Path) -> None:
    notes = Notes(tmp_path / "run")
    parent = identify(os.getppid())
    assert parent is not None
    notes.write("api", replace(parent, created=parent.created - 60), tmp_path / "l", "x")
    assert leftovers(tmp_path, notes) == []


def test_a_folder_is_held_once_and_let_go(tmp_path: Path) -> None:
    again = pytest.raises(DataInUse, match=rf"process {os.getpid()}.*\n.*--data")
    with locked(tmp_path), again, locked(tmp_path):
        pass
    with locked(tmp_path):
        pass
