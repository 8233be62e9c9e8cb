"""What models take, and what they may."""

import os

import pytest

from worker.shelf.memory import BESIDE, FACTOR, LEAST, MB, SHARE, allowance, resident, weight

GB = 1000 * MB


def groups(root, limits: dict[str, str], version: int = 2):
    """A made-up tree of control groups, and the file that says where this process is in it."""
    own = root / "cgroup"
    controllers = "0::" if version == 2 else "5:memory:"
    own.write_text(f"{controllers}/a/b\n")
    name = "memory.max" if version == 2 else "memory.limit_in_bytes"
    for folder, limit in limits.items():
        place = (root if version == 2 else root / "memory") / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(f"{limit}\n")
    return {"groups": root, "own": own}


def test_what_is_set_is_taken(tmp_path):
    assert allowance(512, **groups(tmp_path, {"a": "1000"})) == 512 * MB


@pytest.mark.parametrize("version", [1, 2])
def test_a_share_of_what_the_least_group_allows(tmp_path, version):
    tree = groups(tmp_path, {"a": str(2 * GB), "a/b": str(1 * GB)}, version)
    assert allowance(None, **tree) == int(SHARE * GB)


def test_no_limit_is_the_machine(tmp_path):
    whole = allowance(None, **groups(tmp_path, {"a": "max"}))
    assert whole == allowance(None, tmp_path / "none", tmp_path / "none") >= LEAST


def test_a_small_group_still_holds_a_model(tmp_path):
    assert allowance(None, **groups(tmp_path, {"a": str(100 * MB)})) == LEAST


def test_a_model_weighs_what_its_files_say(tmp_path):
    (tmp_path / "model.bin").write_bytes(bytes(3 * MB))
    (tmp_path / "model.keras").write_bytes(bytes(9 * MB))  # not read to serve
    assert weight(tmp_path) == FACTOR * 3 * MB + BESIDE
    assert weight(tmp_path, 5 * MB) == weight(tmp_path)
    assert weight(tmp_path, 90 * MB) == 2 * 90 * MB


def test_memory_that_is_used_is_seen():
    before = resident()
    held = bytearray(os.urandom(1)) * (64 * MB)
    assert 60 * MB < resident() - before < 80 * MB, len(held)
