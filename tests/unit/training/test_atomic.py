"""A file is whole or as it was; what a killed writer left is swept, what a living one writes stays."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from training.atomic import beside, sweep, write


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "a.json"
    write(path, b"old")
    write(path, b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]
    assert path.read_bytes() == b"new"


def test_a_kill_while_writing_leaves_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "checkpoint.npz"
    write(path, b"old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write(path, b"new and longer")
    assert path.read_bytes() == b"old"


def test_only_the_dead_are_swept(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = [f"a.{ended.pid}.partial", f".b.npz.{ended.pid}.partial", "c.partial"]
    kept = [f"d.{os.getpid()}.partial", "e.npy"]
    for name in (*dead, *kept):
        (tmp_path / name).touch()
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)


def test_what_another_machine_writes_stays(tmp_path, monkeypatch):
    """A folder is shared; a process number says nothing of another machine's processes."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = []
    for machine in ("one.example.com", "two.example.com"):
        monkeypatch.setattr(os, "uname", lambda machine=machine: SimpleNamespace(nodename=machine))
        monkeypatch.setattr(os, "getpid", lambda: ended.pid)
        names.append(beside(tmp_path / "a.npz"))
        names[-1].touch()
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == names[:1]
