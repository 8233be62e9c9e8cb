"""Whose turn it is on a core."""

import contextlib
import os


def take_long_ones() -> None:
    """Have whoever computes not be interrupted each time that this process wakes up.

    A picture takes some dozen hops between processes that share cores with an engine. Under Linux's
    SCHED_BATCH (sched(7)) a thread that wakes up waits for the end of a turn, a few milliseconds, in place
    of cutting it short; cores, and shares of them, stay as they were. Threads and processes that come later
    inherit it. What somebody else asked for stays, as does everything where a system has no such thing.
    """
    if not hasattr(os, "SCHED_BATCH"):
        return
    with contextlib.suppress(OSError):
        if os.sched_getscheduler(0) == os.SCHED_OTHER:
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
