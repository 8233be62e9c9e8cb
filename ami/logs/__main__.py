"""`python -m ami.logs`: follow the journal, put it into the log group that the user data name.

One call every few seconds and process, none while nothing is said. What could not be put is kept and tried
again; a start anew goes on behind what was put last.
"""

import argparse
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ami.logs import journal
from ami.logs.batch import Batches
from ami.logs.journal import Line

EVERY = 5.0  # seconds between calls
FAREWELL = 2.0  # seconds after SIGTERM in which the processes' last words still come
WHICH = ("--boot", "--lines=all", "--unit=classifycloud-*")
COMMAND = ("journalctl", "--follow", "--output=json", *WHICH)


class Shipper:
    """Puts lines into streams ⟨process⟩/⟨instance⟩ of one group.

    Args:
        client: boto3's `logs` client.
        group: of CloudWatch Logs; must be there.
        instance: its id.
    """

    def __init__(self, client: Any, group: str, instance: str) -> None:
        self._client = client
        self._group = group
        self._instance = instance
        self._streams: set[str] = set()

    def put(self, lines: Sequence[Line]) -> None:
        """One call; raises whatever boto3 does."""
        stream = f"{lines[0].process}/{self._instance}"
        if stream not in self._streams:
            self._make(stream)
        events = [{"timestamp": line.at, "message": line.text} for line in lines]
        self._client.put_log_events(
            logGroupName=self._group, logStreamName=stream, logEvents=events
        )

    def _make(self, stream: str) -> None:
        with contextlib.suppress(self._client.exceptions.ResourceAlreadyExistsException):
            self._client.create_log_stream(logGroupName=self._group, logStreamName=stream)
        self._streams.add(stream)


def follow(kept: Path, lines: "queue.SimpleQueue[Line]") -> "subprocess.Popen[str]":
    """The journal, from where it was left, into `lines`."""
    command = [*COMMAND, *([f"--after-cursor={kept.read_text()}"] if kept.exists() else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace")

    def read() -> None:
        for entry in process.stdout or ():
            line = journal.read(entry)
            if line is not None:
                lines.put(line)

    threading.Thread(target=read, name="journal", daemon=True).start()
    return process


def ship(
    shipper: Shipper,
    lines: "queue.SimpleQueue[Line]",
    kept: Path,
    goes_on: Callable[[], bool],
    every: float,
) -> None:
    """Until it shall not go on; what waits then gets one more try."""
    batches, cursor = Batches(), ""
    while goes_on():
        time.sleep(every)
        while not lines.empty():
            line = lines.get()
            batches.add(line)
            cursor = line.cursor
        if len(batches) and _put_all(shipper, batches):
            # Only now: of several processes' lines some may have been put and older ones not.
            kept.write_text(cursor, encoding="utf-8")


def _put_all(shipper: Shipper, batches: Batches) -> bool:
    """Whether none is left."""
    while chosen := batches.next():
        try:
            shipper.put(chosen)
        except Exception as error:  # an outage of any kind: the lines wait
            sys.stderr.write(f"{len(batches)} lines wait, {batches.dropped} dropped: {error!r}\n")
            return False
        batches.done(chosen)
    return True


def main() -> int:
    """Until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m ami.logs")
    parser.add_argument("--every", type=float, default=EVERY, help="seconds between calls")
    every = parser.parse_args().every
    # As the boot script wrote it.
    group, region = os.environ["LOG_GROUP"], os.environ["REGION"]
    kept = Path(os.environ["RUNTIME_DIRECTORY"]) / "cursor"
    told: list[float] = []
    signal.signal(signal.SIGTERM, lambda *_: told.append(time.monotonic()))
    import boto3

    client = boto3.client("logs", region_name=region)
    lines: queue.SimpleQueue[Line] = queue.SimpleQueue()
    process = follow(kept, lines)

    def goes_on() -> bool:
        return process.poll() is None and not (told and time.monotonic() - told[0] > FAREWELL)

    try:
        shipper = Shipper(client, group, os.environ["INSTANCE"])
        ship(shipper, lines, kept, goes_on, every)
    finally:
        process.kill()
        process.wait()
    return 0 if told else 1


if __name__ == "__main__":
    sys.exit(main())
