"""What is done to the service: its workers killed, its front end restarted, its endpoints made to fail."""

import asyncio
import json
import os
import random
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

# Shares of requests, entries or messages that go wrong; see local/faults.
FAULTS: dict[str, Any] = {
    "seed": 4,
    "sqs": [
        {"fault": "throttle", "share": 0.02},
        {"fault": "error", "share": 0.01},
        {"fault": "unavailable", "share": 0.01},
        {"fault": "lost", "share": 0.01},
        {"fault": "lost_500", "share": 0.01},
        {"fault": "cut", "share": 0.005},
        {"fault": "partial", "share": 0.01},
        {"fault": "duplicate", "share": 0.02},
        {"fault": "reorder", "share": 0.05, "seconds": [0.1, 2.0]},
        {"fault": "empty", "share": 0.02},
        {"fault": "early", "share": 0.02, "seconds": [0.5, 3.0]},
        {"fault": "delay", "share": 0.02, "seconds": [0.05, 0.5]},
    ],
    "s3": [
        {"fault": "throttle", "share": 0.02},
        {"fault": "error", "share": 0.02},
        {"fault": "unavailable", "share": 0.01},
        {"fault": "lost", "share": 0.01},
        {"fault": "lost_500", "share": 0.01},
        {"fault": "conflict", "share": 0.1},
        {"fault": "delay", "share": 0.02, "seconds": [0.05, 0.5]},
    ],
}


async def begin(endpoints: list[str]) -> None:
    """From now on both endpoints fail as drawn."""
    async with httpx.AsyncClient(trust_env=False) as http:
        for url in endpoints:
            (await http.put(f"{url}/_faults", json=FAULTS)).raise_for_status()


async def end(endpoints: list[str]) -> dict[str, int]:
    """No more; how often each fault hit, by the endpoint's name and the fault's."""
    found: dict[str, int] = {}
    async with httpx.AsyncClient(trust_env=False) as http:
        for name, url in zip(("sqs", "s3"), endpoints, strict=True):
            rules = (await http.get(f"{url}/_faults")).json()["rules"]
            found |= {f"{name} {row['rule']['fault']}": row["hit"] for row in rules}
            await http.delete(f"{url}/_faults")
    return found


def workers(data: Path) -> list[int]:
    """The pids of the workers in the fleet's folder that live."""
    pids = []
    for path in (data / "fleet").glob("*.json"):
        with suppress(OSError, ValueError, KeyError):
            record = json.loads(path.read_text())
            if record["pid"] and _lives(record["pid"], record["created"]):
                pids.append(int(record["pid"]))
    return pids


class Killer:
    """Ends a worker by SIGKILL every so many seconds. `most` is how many lived at once at any look."""

    def __init__(self, data: Path, every: float) -> None:
        self._data = data
        self._every = every
        self._random = random.Random(4)
        self.kills = 0
        self.most = 0

    async def run(self) -> None:
        """Until canceled."""
        while True:
            await asyncio.sleep(self._every)
            alive = workers(self._data)
            self.most = max(self.most, len(alive))
            if alive:
                with suppress(ProcessLookupError):
                    os.kill(self._random.choice(sorted(alive)), signal.SIGKILL)
                    self.kills += 1


def stop_front_end(data: Path) -> None:
    """SIGTERM to the front end's process; `up` starts it again."""
    note = json.loads((data / "run" / "api.json").read_text())
    if _lives(note["pid"], note["created"]):
        os.kill(int(note["pid"]), signal.SIGTERM)


def strays(data: Path) -> list[int]:
    """Processes that carry the mark of this service."""
    mark = {"CLASSIFYCLOUD_UP": str(data)}
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if mark.items() <= process.environ().items() and process.pid != os.getpid():
                found.append(process.pid)
    return found


def _lives(pid: int, created: float) -> bool:
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - created) < 1.5
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
