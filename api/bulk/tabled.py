"""Results as Parquet, made by a short-lived process: see `api.bulk.parquet`."""

import asyncio
import os
import subprocess
import sys

from api.bulk.parquet import ABSENT
from wire import log

LONGEST = 120.0  # seconds
_log = log.get(__name__)


async def table(lines: bytes) -> bytes | None:
    """The Parquet file of these results; None where it cannot be made here, which is no reason to do without
    the lines."""
    process = _started()
    try:
        made, complaint = await asyncio.to_thread(process.communicate, lines, LONGEST)
    except subprocess.TimeoutExpired:
        _log.error("no Parquet in time", seconds=LONGEST)
        return None
    finally:
        if process.poll() is None:
            process.kill()  # whoever still waits for it in a thread goes on
    if process.returncode == 0:
        return made
    if process.returncode != ABSENT:
        said = complaint.decode(errors="replace")[-500:]
        _log.error("no Parquet", status=process.returncode, said=said)
    return None


def _started() -> "subprocess.Popen[bytes]":
    # By the standard library: an event loop of uvloop forks, and then runs in the child what libraries want
    # done after a fork. OpenTelemetry starts a thread there, and now and then neither goes on.
    pipe = subprocess.PIPE
    # Nothing of ours: it needs no credentials.
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    command = [sys.executable, "-P", "-m", "api.bulk.parquet"]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)  # noqa: S603
