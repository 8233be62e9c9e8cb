"""`classifycloud up` on a data folder of its own: started, read, stopped."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.live.diary import Diary

COMMAND = Path(sys.executable).with_name("classifycloud")
# What is measured is work; nothing of it shall be remembered.
FORGETFUL: Mapping[str, object] = {"cache_seconds": 0, "seen_answers": 0}
PATIENCE = 120.0
STOPPING = 150.0
QUEUES = re.compile(r"queues on (\S+)")
STORAGE = re.compile(r"S3 and CloudWatch on (\S+)")
PAGES = re.compile(r"ClassifyCloud runs at (\S+)")


_measured: "set[Service]" = set()  # those that a signal must not leave behind


class NotStarted(Exception):
    """The service did not come up; the text says where its logs are."""


class Service:
    """A running service. `diary` is what balancer and workers have logged; addresses are URLs."""

    def __init__(self, data: Path, process: "subprocess.Popen[bytes]") -> None:
        self.data = data
        self.diary = Diary(data / "logs" / "balancer.log")
        self.queue_file = data / "sqs" / "sqs.sqlite3"
        self._process = process
        self.pid = process.pid
        self._said = data.with_suffix(".out")

    @property
    def url(self) -> str:
        return self._found(PAGES)

    @property
    def storage(self) -> str:
        return f"http://{self._found(STORAGE)}"

    @property
    def queues(self) -> str:
        return f"http://{self._found(QUEUES)}"

    async def ready(self, workers: int) -> None:
        """Wait until everything runs and so many workers have their model.

        Raises:
            NotStarted: not within two minutes, or it ended.
        """
        end = time.monotonic() + PATIENCE
        while not (PAGES.search(self._printed()) and len(self.diary.of("ready")) >= workers):
            if self._process.poll() is not None or time.monotonic() > end:
                raise NotStarted(
                    f"the service did not start, see {self.data}/logs:\n{self._printed()}"
                )
            await asyncio.sleep(0.1)

    def stop(self) -> None:
        """Ctrl-C, and wait for its end."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(STOPPING)

    def _printed(self) -> str:
        return self._said.read_text()

    def _found(self, pattern: re.Pattern[str]) -> str:
        found = pattern.search(self._printed())
        if found is None:
            raise NotStarted(f"{pattern.pattern!r} was not printed")
        return found[1]


@asynccontextmanager
async def service(
    data: Path,
    settings: Mapping[str, object],
    python_path: Path | None = None,
    options: Sequence[str] = (),
) -> AsyncIterator[Service]:
    """The service while the block runs.

    Args:
        data: its folder.
        settings: by their names without prefix; unless they say otherwise, nothing is remembered.
        python_path: a folder from which each of its processes imports first.
        options: of `classifycloud up`.
    """
    loop, measuring = asyncio.get_running_loop(), asyncio.current_task()
    assert measuring is not None
    given = {**FORGETFUL, **settings}
    environment = {f"CLASSIFYCLOUD_{name.upper()}": str(value) for name, value in given.items()}
    if python_path is not None:
        environment["PYTHONPATH"] = str(python_path)
    # Without this a SIGTERM would end the measuring alone and leave the service behind. Before the start,
    # for there must be no moment at which it runs and nobody would stop it.
    loop.add_signal_handler(signal.SIGTERM, measuring.cancel)
    try:
        running = Service(data, _started(data, environment, options))
        _measured.add(running)
        try:
            yield running
        finally:
            try:
                await asyncio.shield(asyncio.to_thread(running.stop))
            finally:
                _measured.discard(running)
    finally:
        if not _measured:
            loop.remove_signal_handler(signal.SIGTERM)


def _started(
    data: Path, environment: Mapping[str, str], options: Sequence[str]
) -> "subprocess.Popen[bytes]":
    data.mkdir(parents=True, exist_ok=True)
    with data.with_suffix(".out").open("wb") as sink:
        return subprocess.Popen(
            [str(COMMAND), "up", "--data", str(data), *options],
            env={**os.environ, "CLASSIFYCLOUD_PORT": "0", **environment},
            stdout=sink,
            stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal stops the measuring first, which then stops the service.
            start_new_session=True,
        )
