"""A file is whole or as it was; what a killed writer left is swept, what a living one writes stays."""

import os
import subprocess
import sys

import pytest

from training.atomic import sweep, write


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
