"""Processes that an earlier `up` on the same folder left when it was killed, and their end.

They are found by the mark in their environment and not only by what was noted of them: a note can be
missing when `up` is killed between starting a process and noting it, and workers are started by the
balancer.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

import psutil

from local.up.environment import MARK
from local.up.notes import Notes

PATIENCE = 5.0
LOOK = 0.02


def leftovers(data: Path, notes: Notes) -> list[psutil.Process]:
    """Every running process of an `up` on this folder, but for this process itself."""
    noted = (identity.process() for identity in notes.identities())
    found = {process.pid: process for process in noted if process is not None}
    for process in psutil.process_iter():
        if process.pid != os.getpid() and _carries(process, str(data)) and _runs(process):
            found[process.pid] = process
    return list(found.values())


def end(processes: list[psutil.Process], patience: float = PATIENCE) -> int:
    """SIGTERM, then SIGKILL after `patience` seconds; how many there were.

    psutil compares start times before it signals, so that a pid given out again is safe.
    """
    for process in processes:
        with suppress(psutil.Error):
            process.terminate()
    for process in _still_running(processes, patience):
        with suppress(psutil.Error):
            process.kill()
    _still_running(processes, PATIENCE)
    return len(processes)


def _still_running(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    over = time.monotonic() + seconds
    while running := [process for process in processes if _runs(process)]:
        if time.monotonic() >= over:
            break
        time.sleep(LOOK)
    return running


def _runs(process: psutil.Process) -> bool:
    # A zombie has ended. Nobody may ever collect it: an orphan's parent is process 1, which in a
    # container can be any program. psutil's own wait would wait for that.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _carries(process: psutil.Process, value: str) -> bool:
    try:
        return process.environ().get(MARK) == value
    except (psutil.Error, OSError):
        return False
