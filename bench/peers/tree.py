"""All processes of one server, found by a mark in their environment, which children inherit.

Parents alone do not tell: daemons are adopted by another process when the one that made them ends.
"""

import os
import signal
import time
from pathlib import Path

import psutil

MARK = "PEER_TREE"


class Tree:
    """The processes that carry this mark, and whatever those have started."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self._sought = f"{MARK}={mark}".encode()
        self._seen: dict[int, psutil.Process | None] = {}

    def processes(self) -> list[psutil.Process]:
        """Those that live."""
        listed = set(psutil.pids())
        self._seen = {pid: each for pid, each in self._seen.items() if pid in listed}
        # Ascending, so that a parent is known before its children are looked at.
        for pid in sorted(listed - self._seen.keys()):
            self._seen[pid] = self._own(pid)
        return [each for each in self._seen.values() if each is not None and _lives(each)]

    def cpu(self) -> float:
        """Seconds of CPU of those that live, and of the children that they saw end."""
        return sum(_cpu(each) for each in self.processes())

    def resident(self) -> int:
        """Bytes, what is shared counted for each: more than the truth, and cheap."""
        return sum(_rss(each) for each in self.processes())

    def proportional(self) -> tuple[int, str]:
        """Bytes, what is shared divided by its sharers; "rss" and the other sum where unreadable."""
        try:
            return sum(each.memory_full_info().pss for each in self.processes()), "pss"
        except (psutil.Error, AttributeError):
            return self.resident(), "rss"

    def end(self, root: int, patience: float = 15.0) -> None:
        """Ask the process that was started to end, then end whatever is left; returns when none is."""
        _send(root, signal.SIGINT)
        limit = time.monotonic() + patience
        while self.processes() and time.monotonic() < limit:
            time.sleep(0.1)
        while self.processes():
            self.kill()
            time.sleep(0.05)

    def kill(self) -> None:
        """Every one of them, at once."""
        for each in self.processes():
            _send(each.pid, signal.SIGKILL)

    def _own(self, pid: int) -> psutil.Process | None:
        try:
            process = psutil.Process(pid)
            # Some write their title over their environment; their parents still tell.
            if self._marked(pid) or self._seen.get(process.ppid()) is not None:
                return process
        except psutil.Error:
            pass
        return None

    def _marked(self, pid: int) -> bool:
        try:
            return self._sought in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _cpu(process: psutil.Process) -> float:
    try:
        return sum(process.cpu_times()[:4])
    except psutil.Error:
        return 0.0


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _send(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return
