"""A bundle is there whole, or not at all."""

import os
import subprocess
import sys

import pytest

from training import bundling
from training.errors import BundleExists


def everything(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def written(folder, content):
    folder.mkdir(parents=True)
    (folder / "file").write_text(content)


def write_and_fail(staging):
    (staging / "file").write_text("x")
    (staging / "absent").read_text()


def test_a_new_one_is_moved_to_its_place(tmp_path):
    with bundling.new(tmp_path / "a" / "1") as staging:
        (staging / "file").write_text("x")
        assert not (tmp_path / "a" / "1").exists()
    assert everything(tmp_path) == ["a", "a/1", "a/1/file"]


def test_nothing_is_left_of_a_failure_not_even_the_model_s_folder(tmp_path):
    with pytest.raises(FileNotFoundError), bundling.new(tmp_path / "a" / "1") as staging:
        write_and_fail(staging)
    assert everything(tmp_path) == []


def test_versions_do_not_change(tmp_path):
    (tmp_path / "a" / "1").mkdir(parents=True)
    (tmp_path / "a" / "1" / "file").write_text("old")
    with (
        pytest.raises(BundleExists, match="give another --version"),
        bundling.new(tmp_path / "a" / "1"),
    ):
        pytest.fail("begun")
    assert everything(tmp_path) == ["a", "a/1", "a/1/file"]


def test_of_two_at_once_the_first_stays(tmp_path):
    place = tmp_path / "a" / "1"
    with pytest.raises(BundleExists, match="meanwhile"), bundling.new(place):
        written(place, "first")
    assert (place / "file").read_text() == "first"
    assert everything(tmp_path) == ["a", "a/1", "a/1/file"]


def test_anew_replaces(tmp_path):
    for content in ("old", "new"):
        with bundling.anew(tmp_path / "a" / "1") as staging:
            (staging / "file").write_text(content)
    assert (tmp_path / "a" / "1" / "file").read_text() == "new"
    assert everything(tmp_path) == ["a", "a/1", "a/1/file"]


def test_a_failure_leaves_the_old_one(tmp_path):
    with bundling.anew(tmp_path / "a" / "1") as staging:
        (staging / "file").write_text("old")
    with pytest.raises(FileNotFoundError), bundling.anew(tmp_path / "a" / "1") as staging:
        write_and_fail(staging)
    assert everything(tmp_path) == ["a", "a/1", "a/1/file"]


def test_what_a_killed_writer_left_is_swept_and_a_living_one_s_is_not(tmp_path):
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], stdout=-1, text=True
    )
    dead = tmp_path / "a" / f".1.{gone.stdout.strip()}.partial"
    living = tmp_path / "a" / f".2.{os.getppid()}.partial"
    for folder in (dead, living):
        folder.mkdir(parents=True)
        (folder / "file").write_text("x")
    with bundling.new(tmp_path / "a" / "3"):
        pass
    assert not dead.exists()
    assert (living / "file").exists()
