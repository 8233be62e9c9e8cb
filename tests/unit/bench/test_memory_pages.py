"""What processes hold together, as `bench.memory` counts it."""

import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.memory import pages
from bench.memory.held import MEBI, summed
from bench.memory.pages import Held, Stretch

SIZE = 24 * MEBI
SMAPS = """\
5571efdcd000-5571f1a00000 rw-p 00000000 00:00 0                          [heap]
Rss:                 800 kB
Pss:                 400 kB
Anonymous:           800 kB
7f7813b11000-7f7816c5b000 r-xp 00302000 08:01 4711                       /x/libfast.so
Rss:                 900 kB
Pss:                  90 kB
Anonymous:             0 kB
7f7816c5b000-7f7816c6b000 rw-p 00302000 08:01 4711                       /x/libfast.so
Rss:                  64 kB
Anonymous:            60 kB
"""
HOLDER = """
import mmap, sys
with open(sys.argv[1], "rb") as file:
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
kept = sum(mapped[at] for at in range(0, len(mapped), 4096))
print("there", flush=True)
sys.stdin.read()
"""

linux = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux")


def test_pages_of_files_are_told_from_those_that_were_written_to() -> None:
    found = pages.read(SMAPS, "5571-7fff ---p 00000000 00:00 0 [rollup]\nPss_Anon:    430 kB\n")
    assert found == Held({Stretch("00302000", "08:01", "4711"): 904 * 1024}, 430 * 1024)


def test_a_page_that_two_share_counts_once_and_what_each_has_for_itself_twice() -> None:
    library, tray = Stretch("0", "08:01", "1"), Stretch("0", "00:01", "2")
    worker = Held({library: 40 * MEBI, tray: 3 * MEBI}, 100 * MEBI)
    decoder = Held({library: 10 * MEBI, tray: 3 * MEBI}, 20 * MEBI)
    assert pages.together([worker, decoder]) == 163 * MEBI
    found = summed({"worker alone": [worker], "decoders": [decoder], "store": [decoder]})
    assert (found["worker"], found["worker alone"], found["decoders"]) == (163, 143, 33)
    assert found["local endpoint"] == found["store"]
    assert "worker" not in summed({"balancer": [worker]})


def test_where_processes_hold_different_pages_of_a_file_the_sum_is_a_lower_bound() -> None:
    library = Stretch("0", "08:01", "1")
    halves = [Held({library: 20 * MEBI}, MEBI), Held({library: 20 * MEBI}, MEBI)]
    assert pages.together(halves) == 22 * MEBI, "at least: 42 if they touched different halves"


@linux
def test_a_stranger_that_maps_the_same_file_makes_nothing_smaller(tmp_path: Path) -> None:
    path = tmp_path / "library"
    path.write_bytes(os.urandom(SIZE))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as ours:
        assert sum(ours[at] for at in range(0, SIZE, 4096))
        inode = str(path.stat().st_ino)
        alone = pages.together([_of_file(os.getpid(), inode)])
        command = [sys.executable, "-c", HOLDER, str(path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stranger:
            assert stranger.stdout is not None
            assert stranger.stdout.readline() == b"there\n"
            beside, other = (_of_file(each, inode) for each in (os.getpid(), stranger.pid))
            stranger.communicate()
    assert alone == pages.together([beside]) == pages.together([beside, other]) == SIZE
    assert other.files


def _of_file(process: int, inode: str) -> Held:
    files = pages.of(process).files.items()
    return Held({where: size for where, size in files if where.inode == inode}, 0)
