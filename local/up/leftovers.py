"""Processes that an earlier `up` on the same folder left when it was killed, and their end.

They are found by the mark in their environment and not only by what was noted of them: a note can be
missing when `up` is killed between starting a process and noting it, and workers are started by the
balancer.
"""

import os
from contextlib import suppress
from pathlib import Path

import psutil

from local.up.environment import MARK
from local.up.notes import Notes

PATIENCE = 5.0


def leftovers(data: Path, notes: Notes) -> list[psutil.Process]:
    """Every running process of an `up` on this folder, but for this process itself."""
    noted = (identity.process() for identity in notes.identities())
    found = {process.pid: process for process in noted if process is not None}
    for process in psutil.process_iter():
        if process.pid != os.getpid() and _carries(process, str(data)):
            found[process.pid] = process
    return list(found.values())


def end(processes: list[psutil.Process], patience: float = PATIENCE) -> int:
    """SIGTERM, then SIGKILL after `patience` seconds; how many there were.

    psutil compares start times before it signals, so that a pid given out again is safe.
    """
    for process in processes:
        with suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=PATIENCE)
    return len(processes)


def _carries(process: psutil.Process, value: str) -> bool:
    try:
        if process.environ().get(MARK) != value:
            return False
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except (psutil.Error, OSError):
        return False
