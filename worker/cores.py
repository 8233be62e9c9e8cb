"""How many cores this process may use: those that it may run on, less what its control group withholds."""

import os
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


def usable(groups: Path = CGROUPS, own: Path = OWN) -> float:
    """Cores, a share of one included: `docker run --cpus 1.5` leaves 1.5 of however many there are."""
    return min([float(_allowed()), *_quotas(groups, own)])


def _allowed() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(groups: Path, own: Path) -> Iterator[float]:
    for number, controllers, folder in groups_of(own):
        if number == "0":  # version 2: one tree for all controllers
            limit, _, period = text_of(groups / folder / "cpu.max").partition(" ")
        elif "cpu" in controllers:
            limit = text_of(groups / "cpu" / folder / "cpu.cfs_quota_us")
            period = text_of(groups / "cpu" / folder / "cpu.cfs_period_us")
        else:
            continue
        if limit.strip().isdecimal() and period.strip().isdecimal() and int(period):
            yield int(limit) / int(period)


def groups_of(own: Path) -> Iterator[tuple[str, list[str], Path]]:
    """Hierarchy, controllers and folder of this process's group, and of all above it; a container sees its
    own as the topmost."""
    for line in text_of(own).splitlines():
        number, controllers, path = line.split(":", 2)
        for folder in _upwards(path):
            yield number, controllers.split(","), folder


def _upwards(path: str) -> list[Path]:
    own = Path(path.strip("/"))
    return [own, *own.parents]


def text_of(file: Path) -> str:
    """A file's text, empty where it cannot be read."""
    try:
        return file.read_text()
    except OSError:
        return ""
