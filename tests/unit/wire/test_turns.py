"""Turns are asked for once, for threads and processes that come later too; another's wish is left alone."""

import os
import subprocess
import sys

import pytest

from tests.turns import WHY, granted

pytestmark = pytest.mark.skipif(not granted(), reason=WHY)

SCRIPT = """
import os, subprocess, sys, threading
from wire.turns import take_long_ones
if sys.argv[1:]:
    os.sched_setscheduler(0, int(sys.argv[1]), os.sched_param(0))
take_long_ones()
found = [os.sched_getscheduler(0)]
thread = threading.Thread(target=lambda: found.append(os.sched_getscheduler(0)))
thread.start()
thread.join()
child = [sys.executable, "-c", "import os; print(os.sched_getscheduler(0))"]
print(*found, subprocess.check_output(child, text=True))
"""


def policies(*before: int) -> list[int]:
    """Of a process, of its thread and of its child."""
    command = [sys.executable, "-c", SCRIPT, *map(str, before)]
    return [int(each) for each in subprocess.check_output(command, text=True).split()]


def test_threads_and_processes_inherit_it():
    assert policies() == [os.SCHED_BATCH] * 3


def test_what_somebody_else_asked_for_stays():
    assert policies(os.SCHED_IDLE) == [os.SCHED_IDLE] * 3
