"""SQS servers to measure, each a real process on a free port of 127.0.0.1."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import boto3
import psutil
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_PATIENCE_S = 90.0


class Contender(NamedTuple):
    """How to start one server: `{port}` and `{data}` are filled in, also in the environment."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = {}


class Running(NamedTuple):
    """A server that answers at `address`."""

    address: str
    process: psutil.Process

    def cpu_s(self) -> float:
        """Seconds of CPU that the server has used."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


OURS = Contender("local.sqs", ("-m", "local.sqs", "--port", "{port}", "--data", "{data}"))
MOTO = Contender(
    f"moto {version('moto')}", ("-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}")
)
MINISTACK = Contender(
    f"MiniStack {version('ministack')}",
    ("-m", "ministack"),
    {
        "SERVICES": "sqs",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": "{port}",
        "LOG_LEVEL": "WARNING",
        "IOT_MTLS_ENABLED": "0",
    },
)


@contextmanager
def running(contender: Contender) -> Iterator[Running]:
    """The started server while the block runs; RuntimeError if it does not start."""
    with TemporaryDirectory(prefix="bench-queue-") as folder:
        port = _free_port()
        process = _start(contender, port, Path(folder))
        try:
            _wait_until_listening(process, port, contender)
            yield Running(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def connect(address: str) -> "SQSClient":
    """A boto3 client without retries, so that a failure is seen and not timed."""
    return boto3.client(
        "sqs",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="bench",
        aws_secret_access_key="bench",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
    )


def _start(contender: Contender, port: int, folder: Path) -> subprocess.Popen[bytes]:
    filled = {"port": str(port), "data": str(folder / "data")}
    environment = {name: text.format(**filled) for name, text in contender.environment.items()}
    return subprocess.Popen(
        [sys.executable, *(part.format(**filled) for part in contender.command)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_until_listening(
    process: subprocess.Popen[bytes], port: int, contender: Contender
) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"{contender.name} did not start; try: python {' '.join(contender.command)}"
                ) from None
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
