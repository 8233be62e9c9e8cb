"""How much of the cores programs use that have nothing to do with the measuring."""

import time
from collections.abc import Callable

import psutil

LOUD = 0.05
"""The share of all cores from which on a window counts as disturbed."""

OwnCpu = Callable[[], float]
"""Seconds of CPU of everything that belongs to the measuring."""


class Watch:
    """Counts from now on."""

    def __init__(self, own: OwnCpu) -> None:
        self._own = own
        self._began, self._all, self._ours = time.perf_counter(), busy(), own()

    def share(self) -> float:
        """Of all cores, since the beginning; 0..1."""
        elapsed = time.perf_counter() - self._began
        return share(busy() - self._all, self._own() - self._ours, elapsed, psutil.cpu_count() or 1)


def share(everybody: float, own: float, elapsed: float, cores: int) -> float:
    """The part of the cores' time that somebody else used; all in seconds. Never below 0."""
    return max(0.0, everybody - own) / (elapsed * cores)


def busy() -> float:
    """Seconds of CPU since boot of all processes, plus what other guests of the same machine took.

    Interrupts are left out: the kernel books the loopback's own there, for which no process answers.
    """
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + getattr(times, "steal", 0.0))
