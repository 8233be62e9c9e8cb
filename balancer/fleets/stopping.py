"""Ending worker processes: asked first, forced when the grace is over. A pid is checked before a signal."""

import os
import signal
import time
from collections.abc import Callable, Sequence

import psutil

from balancer.fleets.records import Record, process_of
from wire import log

_log = log.get(__name__)

LOOK = 0.05
FORCED = 5.0

Found = dict[Record, psutil.Process]


def ask(record: Record) -> None:
    """SIGTERM: finish what is held, then go."""
    process = process_of(record)
    if process is not None:
        _ask(record, process)


def force(record: Record) -> None:
    """SIGKILL to the worker and to what it started: workers lead a process group of their own."""
    process = process_of(record)
    if process is not None:
        _force(record, process)


def stop_all(records: Sequence[Record], grace: float, reap: Callable[[], None]) -> None:
    """Ask all at once, wait up to `grace` seconds, force the rest; returns when all are gone.

    Args:
        reap: collects the exit codes of children; a process is there until its parent has done so.
    """
    # Found once and watched from then on: a process on its way out has no environment left to be
    # known by, and is not gone yet.
    found = {record: process for record in records if (process := process_of(record)) is not None}
    for record, process in found.items():
        _ask(record, process)
    left = _left(found, grace, reap)
    for record, process in left.items():
        _force(record, process)
    stuck = _left(left, FORCED, reap)
    if stuck:
        _log.error("workers did not go", workers=[record.id for record in stuck])


def _left(found: Found, seconds: float, reap: Callable[[], None]) -> Found:
    """Wait until none is alive; those that still are when the time is over."""
    end = time.monotonic() + seconds
    while True:
        reap()
        found = {record: process for record, process in found.items() if _alive(process)}
        if not found or time.monotonic() >= end:
            return found
        time.sleep(LOOK)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _ask(record: Record, process: psutil.Process) -> None:
    _log.info("worker asked to stop", worker=record.id, pid=process.pid)
    _signal(process, signal.SIGTERM)


def _force(record: Record, process: psutil.Process) -> None:
    _log.warning("worker killed: it did not go within its grace", worker=record.id, pid=process.pid)
    _signal(process, signal.SIGKILL)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        leads = os.getpgid(process.pid) == process.pid
        if number is signal.SIGKILL and leads:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    except (psutil.NoSuchProcess, ProcessLookupError):
        return
