"""Python imports this first in every process that has this folder on its path: a worker then starts late.

A worker's own boot is all CPU, and takes as long as the machine's other work leaves it. A machine that
boots is mostly waited for, and so is this one.
"""

import sys
import time

SECONDS = 8.0

if sys.orig_argv[-2:] == ["-m", "worker"]:
    time.sleep(SECONDS)
