"""Which process a pid means: pids are given out again, a pid with its start time is not."""

from dataclasses import dataclass

import psutil

# A start time is the boot time plus ticks of 10 ms, and the boot time shifts when the clock is set.
TOLERANCE = 1.0


@dataclass(frozen=True, slots=True)
class Identity:
    """One process for good. `created` is in seconds since the epoch."""

    pid: int
    created: float

    def process(self) -> psutil.Process | None:
        """The process while it runs; None when it has gone, is a zombie, or the pid means another."""
        try:
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.created) > TOLERANCE:
                return None
            return None if process.status() == psutil.STATUS_ZOMBIE else process
        except psutil.Error:
            return None


def identify(pid: int) -> Identity | None:
    """The identity of a running process, None when there is none."""
    try:
        return Identity(pid, psutil.Process(pid).create_time())
    except psutil.Error:
        return None
