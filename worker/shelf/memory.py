"""How much memory models may take, and how much each takes.

Measured (2 cores, resident set before and after loading and eight batches): 35 MB for files of 2.6 MB,
165 MB for 24.4 MB of int8, 281 MB for 47.8 MB of f16. The network is compiled twice and its weights are
reordered for the CPU, so that six times the files and 20 MB fit all three.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from worker.cores import CGROUPS, OWN, groups_of, text_of

MB = 1_000_000
FACTOR, BESIDE = 6, 20 * MB
SHARE, LEAST = 0.4, 256 * MB
"""Of the machine; the rest is for the worker, its decoders, and a new version beside an old one."""


def weight(folder: Path, files: tuple[str, ...] = ("model.xml", "model.bin")) -> int:
    """Bytes that a bundle's engine takes, from the size of what it is read from."""
    present = [folder / name for name in files if (folder / name).is_file()]
    return FACTOR * sum(path.stat().st_size for path in present) + BESIDE


def allowance(megabytes: int | None, groups: Path = CGROUPS, own: Path = OWN) -> int:
    """Bytes that all loaded models may take: what is set, or a share of what the process may use."""
    if megabytes is not None:
        return megabytes * MB
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    usable = min([machine, *_limits(groups, own)])
    return max(LEAST, int(SHARE * usable))


def _limits(groups: Path, own: Path) -> Iterator[int]:
    """Of this process's control group and of all above it, versions 2 and 1."""
    for number, controllers, folder in groups_of(own):
        if number == "0":
            limit = text_of(groups / folder / "memory.max").strip()
        elif "memory" in controllers:
            limit = text_of(groups / "memory" / folder / "memory.limit_in_bytes").strip()
        else:
            continue
        if limit.isdecimal():
            yield int(limit)
