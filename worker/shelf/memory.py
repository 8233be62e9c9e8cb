"""How much memory models may take, and how much each takes.

Measured on 2 cores, MB of resident set that loading took, and then eight batches of four on both cores:

network                    files  loaded  at work  by this rule
tiny-inception int8          2.6      15       35            36
MobileNetV2 u8, of TFLite    4.0     100      218           200
InceptionV3 int8            24.4      88      170           176
InceptionV3 f16             47.8     121      286           307

Weights, compiled twice and reordered for the CPU, are about six times the files; what lies between layers is
in no file, and of a network that was not made for this engine the larger part. At work a model takes about
twice what it took to load, which is measured beside whatever else the worker does: the files say the least.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from worker.cores import CGROUPS, OWN, groups_of, text_of

MB = 1_000_000
FILES = ("model.xml", "model.bin")
FACTOR, BESIDE, AT_WORK = 6, 20 * MB, 2
STATM = Path("/proc/self/statm")
SHARE, LEAST = 0.4, 256 * MB
"""Of the machine; the rest is for the worker, its decoders, and a new version beside an old one."""


def weight(folder: Path, grown: int = 0) -> int:
    """Bytes that a bundle's engine takes at work.

    Args:
        folder: the bundle's.
        grown: bytes by which the resident set grew when it was loaded; 0 where that is unknown.
    """
    files = [folder / name for name in FILES if (folder / name).is_file()]
    return max(FACTOR * sum(path.stat().st_size for path in files) + BESIDE, AT_WORK * grown)


def resident() -> int:
    """Bytes of this process that are in memory; 0 where the system does not say so."""
    fields = text_of(STATM).split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


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
