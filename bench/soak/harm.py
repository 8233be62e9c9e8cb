"""What is done to the service: its workers killed, its endpoints made to fail."""

import asyncio
import os
import random
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.soak.census import workers

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


@dataclass(frozen=True, slots=True)
class Hits:
    """How often each fault hit, and how often it was to be expected to, by endpoint and fault."""

    counted: dict[str, int]
    expected: dict[str, float]


async def end(endpoints: list[str]) -> Hits:
    """No more; what there was."""
    hits = Hits({}, {})
    async with httpx.AsyncClient(trust_env=False) as http:
        for place, url in zip(("sqs", "s3"), endpoints, strict=True):
            for row in (await http.get(f"{url}/_faults")).json()["rules"]:
                name = f"{place} {row['rule']['fault']}"
                hits.counted[name] = row["hit"]
                hits.expected[name] = round(row["met"] * row["rule"]["share"], 1)
            await http.delete(f"{url}/_faults")
    return hits


class Killer:
    """Ends a worker by SIGKILL every so many seconds."""

    def __init__(self, data: Path, every: float) -> None:
        self._data = data
        self._every = every
        self._random = random.Random(4)
        self.kills = 0

    async def run(self) -> None:
        """Until canceled."""
        while True:
            await asyncio.sleep(self._every)
            if alive := workers(self._data):
                with suppress(ProcessLookupError):
                    os.kill(self._random.choice(sorted(alive))[0], signal.SIGKILL)
                    self.kills += 1
