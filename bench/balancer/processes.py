"""The processes that are measured, and those that they need: started, ended by their own pid."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0


@contextmanager
def running(
    log: Path, module: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """`python -m MODULE ARGUMENTS` while the block runs; what it says goes to `log`."""
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            env={**os.environ, **(environment or {})},
            stdout=sink,
            stderr=sink,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def endpoint(folder: Path, module: str) -> Iterator[int]:
    """One of the local endpoints on data in `folder`; yields its port once it listens.

    Raises:
        RuntimeError: it did not start.
    """
    port, log = free_port(), folder / f"{module}.log"
    arguments = ("--port", str(port), "--data", str(folder / module))
    with running(log, module, *arguments) as process:
        end = time.monotonic() + PATIENCE
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{module} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield port


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
