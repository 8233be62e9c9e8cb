"""Real endpoint processes for tests: each on a free port of 127.0.0.1, ended by its own pid."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE_S = 90.0


class Server:
    """One running server process; `url` is where it answers, `log` what it has said."""

    def __init__(self, command: Sequence[str], port: int, health: str, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        self._command = command
        self._health = health
        self.process = self._start()

    def kill(self) -> None:
        """End it as a crash would: no handler runs."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it in order; its exit status."""
        return self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Start it again, on the same port and data."""
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as sink:
            process = subprocess.Popen(
                self._command, cwd=ROOT, env=_environment(), stdout=sink, stderr=sink
            )
        deadline = time.monotonic() + _PATIENCE_S
        while not _answers(self.url + self._health):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise RuntimeError(
                    f"{' '.join(self._command)} did not start:\n{self.log.read_text()}"
                )
            time.sleep(0.02)
        return process

    def _end(self, number: int) -> int:
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        try:
            return self.process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@contextmanager
def sqs(data_dir: Path, *options: str) -> Iterator[Server]:
    """`python -m local.sqs` on a data folder, with further options such as `--rest 0`."""
    port = free_port()
    command = (sys.executable, "-m", "local.sqs", "--port", str(port), "--data", str(data_dir))
    with _running((*command, *options), port, "/health", data_dir) as server:
        yield server


@contextmanager
def storage(data_dir: Path, *options: str) -> Iterator[Server]:
    """`python -m local.storage` (S3 and CloudWatch) on a data folder, with further options."""
    port = free_port()
    command = (sys.executable, "-m", "local.storage", "--port", str(port), "--data", str(data_dir))
    with _running((*command, *options), port, "/_ministack/health", data_dir) as server:
        yield server


@contextmanager
def moto() -> Iterator[Server]:
    """A moto server, all of AWS in memory."""
    port = free_port()
    command = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    with (
        TemporaryDirectory() as folder,
        _running(command, port, "/moto-api/", Path(folder) / "moto") as server,
    ):
        yield server


@contextmanager
def sqs_server(data_dir: Path, *options: str) -> Iterator[str]:
    """The address of a local SQS endpoint that runs while the block does."""
    with sqs(data_dir, *options) as server:
        yield server.url


@contextmanager
def storage_server(data_dir: Path) -> Iterator[str]:
    """The address of a local S3 and CloudWatch endpoint that runs while the block does."""
    with storage(data_dir) as server:
        yield server.url


@contextmanager
def moto_server() -> Iterator[str]:
    """The address of a moto server that runs while the block does."""
    with moto() as server:
        yield server.url


def free_port() -> int:
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: Sequence[str], port: int, health: str, folder: Path) -> Iterator[Server]:
    folder.mkdir(parents=True, exist_ok=True)
    server = Server(command, port, health, folder.with_name(f"{folder.name}-{port}.log"))
    try:
        yield server
    finally:
        server.stop()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _environment() -> Mapping[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}
