"""kill -9 of one part of a running `up`, and whether another process came in its place."""

import asyncio
import json
import os
import signal
from contextlib import suppress
from pathlib import Path

from bench.soak.census import lives, workers

PARTS = ("worker", "api", "sqs", "storage", "balancer")
BACK = 120.0  # seconds for a part to be started again, on a machine that has much else to do
LOOK = 0.05


class NotBack(Exception):
    """A part that was killed was not started again."""


async def kill(data: Path, part: str) -> int:
    """End it where it stands, and return when another one lives; the pid that was killed.

    Raises:
        NotBack: there was none to kill, or none came back.
    """
    killed: int | None = None
    try:
        async with asyncio.timeout(BACK):
            while (killed := _killed(data, part)) is None:  # noqa: ASYNC110  it starts just now
                await asyncio.sleep(LOOK)
            while not any(pid != killed for pid in _pids(data, part)):  # noqa: ASYNC110
                await asyncio.sleep(LOOK)
    except TimeoutError:
        raise NotBack(f"no {part} within {BACK:.0f} s, see {data}/logs") from None
    return killed


def _killed(data: Path, part: str) -> int | None:
    for pid in _pids(data, part):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return pid
    return None


def _pids(data: Path, part: str) -> list[int]:
    if part == "worker":
        return [pid for pid, _ in sorted(workers(data))]
    try:
        note = json.loads((data / "run" / f"{part}.json").read_text())
        return [int(note["pid"])] if lives(note["pid"], note["created"]) else []
    except (OSError, ValueError, KeyError, TypeError):
        return []
