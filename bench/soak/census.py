"""Which processes the service has: its workers while it runs, and whatever is left when it has ended."""

import asyncio
import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

LOOK = 0.2  # seconds
LEAVING = 5.0  # seconds for a decoder to follow its worker
CLOCK = 1.5  # seconds by which start times differ when the clock is set
DECODER = "worker.decoder"

Born = tuple[int, float]  # a pid and its start time, which name one process for good


class Census:
    """Looks at the fleet all the time. `most` workers lived at once; `seen` are all that ever did."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.seen: set[Born] = set()
        self.most = 0

    def look(self) -> None:
        """Take one look."""
        alive = workers(self._data)
        self.seen.update(alive)
        self.most = max(self.most, len(alive))

    async def left(self, patience: float = LEAVING) -> list[int]:
        """The pids of what is still there of an ended service; patience in seconds."""
        end = time.monotonic() + patience
        while (pids := strays(self._data, self.seen)) and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(LOOK)
        return pids


def workers(data: Path) -> list[Born]:
    """The workers in the fleet's folder that live."""
    found = []
    for path in (data / "fleet").glob("*.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(path.read_text())
            if record["pid"] and lives(record["pid"], record["created"]):
                found.append((int(record["pid"]), float(record["created"])))
    return found


def strays(data: Path, seen: Iterable[Born]) -> list[int]:
    """Processes that carry the mark of this service, and decoders of the workers that were seen.

    Decoders have next to no environment, so that they carry no mark: their command line names their worker.
    """
    mark = {"CLASSIFYCLOUD_UP": str(data)}
    pids = dict(seen)
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and (_decodes_for(process, pids) or _has(process, mark)):
                found.append(process.pid)
    return found


def lives(pid: int, created: float) -> bool:
    """Whether this very process runs."""
    try:
        running = psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        return running and not _is_another(pid, created)
    except psutil.Error:
        return False


def _decodes_for(process: psutil.Process, workers: dict[int, float]) -> bool:
    words = process.cmdline()
    try:
        parent = int(words[words.index(DECODER) + 2])
    except (ValueError, IndexError):
        return False
    return parent in workers and not _is_another(parent, workers[parent])


def _is_another(pid: int, created: float) -> bool:
    """Whether the pid was given out again."""
    try:
        return abs(psutil.Process(pid).create_time() - created) > CLOCK
    except psutil.NoSuchProcess:
        return False


def _has(process: psutil.Process, mark: dict[str, str]) -> bool:
    return mark.items() <= process.environ().items()
