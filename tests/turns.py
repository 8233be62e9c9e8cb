"""Whether this machine lets a process ask for long turns."""

import os
import subprocess
import sys
from functools import cache

ASK = """
import os
assert os.sched_getscheduler(0) == os.SCHED_OTHER
os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
"""
WHY = "the system has no SCHED_BATCH, or does not grant it here"


@cache
def granted() -> bool:
    """Asked by a process of its own, which starts as this one did."""
    if not hasattr(os, "SCHED_BATCH"):
        return False
    asked = subprocess.run([sys.executable, "-c", ASK], stderr=subprocess.DEVNULL, timeout=60)
    return asked.returncode == 0
