"""One small JSON file a worker, so that whoever comes next finds the processes of a killed balancer.

The file is there before its process is: a balancer that is killed between the two leaves a record
without a pid, and the process is then found by the worker id in its environment.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil

ID_VARIABLE = "CLASSIFYCLOUD_WORKER_ID"
SAME_START = (
    1.5  # seconds; the system's own boot time, which start times are counted from, wavers by 1
)


@dataclass(frozen=True, slots=True)
class Record:
    """A worker as it is written down. Both times are in seconds since the epoch.

    `created` is the process's own start time: together with the pid it names one process for good.
    """

    id: str
    launched_at: float
    pid: int | None = None
    created: float | None = None


class Records:
    """The folder of records; made when it is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, record: Record) -> None:
        """Keep a record; a reader sees the old one or the new one, never half of it."""
        path = self._path(record.id)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(record)))
        fresh.replace(path)

    def remove(self, worker: str) -> None:
        self._path(worker).unlink(missing_ok=True)

    def all(self) -> list[Record]:
        """Every record; one that cannot be read still names its worker."""
        return [_read(path) for path in sorted(self._folder.glob("*.json"))]

    def _path(self, worker: str) -> Path:
        return self._folder / f"{worker}.json"


def located(record: Record) -> Record | None:
    """The record with its process, or None when that is gone."""
    if record.pid is None:
        return _searched(record)
    process = _process(record.pid)
    if process is None or not _is_same(process, record):
        return None
    return record


def of_process(record: Record, pid: int) -> Record:
    """The record of a worker that has just been started under this pid."""
    process = _process(pid)
    return replace(record, pid=pid, created=process.create_time() if process else None)


def process_of(record: Record) -> psutil.Process | None:
    """The live process of a record; None when it is gone or its pid belongs to another by now."""
    found = located(record)
    return _process(found.pid) if found is not None and found.pid is not None else None


def _read(path: Path) -> Record:
    try:
        return Record(**json.loads(path.read_text()))
    except (ValueError, TypeError):
        return Record(path.stem, path.stat().st_mtime)


def _process(pid: int) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.Error:
        return None


def _is_same(process: psutil.Process, record: Record) -> bool:
    # The system derives a start time from the wall clock: a step of that moves every start time.
    try:
        if record.created is not None and abs(process.create_time() - record.created) < SAME_START:
            return True
    except psutil.Error:
        return False
    return _worker_id(process) == record.id


def _searched(record: Record) -> Record | None:
    # What a worker starts inherits its environment, but only the worker itself leads its session.
    for pid in psutil.pids():
        process = _process(pid)
        if process is not None and _worker_id(process) == record.id and _leads(pid):
            return of_process(record, pid)
    return None


def _leads(pid: int) -> bool:
    try:
        return os.getsid(pid) == pid
    except OSError:
        return False


def _worker_id(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(ID_VARIABLE)
    except (psutil.Error, OSError):
        return None
