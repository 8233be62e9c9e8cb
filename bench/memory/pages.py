"""What several processes hold together at least, a page that they share counted once, whoever maps it too.

Which pages of a file each has is not known, only how many: of the one that has most of a stretch all count,
of the others none. Pages that only one of those others has are missing: two processes that touch different
halves of a file hold all of it, and half is counted. What is in no file is counted whole.

A proportional set size would not do: a page of a library counts half as soon as a stranger's process
maps it too, and a worker of 300 MB seems to grow by 40 when another one on the machine ends.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

KIBI = 1024
HEAD = re.compile(r"[0-9a-f]+-[0-9a-f]+ \S+ ([0-9a-f]+) (\S+) (\d+)")
SIZE = re.compile(r"(Rss|Anonymous): +(\d+) kB")
ALONE = re.compile(r"^Pss_Anon: +(\d+) kB", re.MULTILINE)


class Stretch(NamedTuple):
    """Where in which file a mapping begins."""

    offset: str
    device: str
    inode: str


class Held(NamedTuple):
    """Bytes that one process holds of files, by stretch, and that are in no file.

    What is in no file is shared with forks alone, and counted by shares: they add up.
    """

    files: dict[Stretch, int]
    others: int


def of(process: int) -> Held:
    """What this process holds now; Linux only.

    Raises:
        OSError: it has ended, or may not be looked into.
    """
    folder = Path("/proc") / str(process)
    return read((folder / "smaps").read_text(), (folder / "smaps_rollup").read_text())


def read(smaps: str, rollup: str) -> Held:
    """From the text of `/proc/PID/smaps` and of `smaps_rollup` (man 5 proc)."""
    files: dict[Stretch, int] = {}
    stretch = None
    for line in smaps.splitlines():
        if head := HEAD.match(line):
            stretch = Stretch(*head.groups())
        elif (found := SIZE.match(line)) and stretch is not None and stretch.inode != "0":
            sign = 1 if found[1] == "Rss" else -1  # written to, a page is the file's no more
            files[stretch] = files.get(stretch, 0) + sign * KIBI * int(found[2])
    others = ALONE.search(rollup)
    return Held(files, KIBI * int(others[1]) if others else 0)


def together(held: Iterable[Held]) -> int:
    """Bytes that all of them hold at least: of each stretch of a file, what the one has with most of it."""
    most: dict[Stretch, int] = {}
    others = 0
    for each in held:
        others += each.others
        for stretch, size in each.files.items():
            most[stretch] = max(size, most.get(stretch, 0))
    return others + sum(most.values())
