"""People who ask: each for a picture of their own, each waiting for the answer."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from bench.live.origin import Origin

PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and its answer. `code` is the status, 0 when the connection broke.

    `at` is in seconds since the epoch, the other times in seconds: `wait` from the queue's taking it to
    the start of its work, `fetch`, `decode` and `inference` as the worker measured them, `total` as
    the client saw it.
    """

    name: str
    at: float
    code: int
    total: float
    uuid: str = ""
    wait: float = 0.0
    fetch: float = 0.0
    decode: float = 0.0
    inference: float = 0.0

    @property
    def ok(self) -> bool:
        return self.code == httpx.codes.OK


class Clients:
    """Asks the service for pictures of an origin; nothing is tried twice. `answers` has what came."""

    def __init__(self, http: httpx.AsyncClient, origin: Origin) -> None:
        self._http = http
        self._origin = origin
        self._open: set[asyncio.Task[None]] = set()
        self._count = 0
        self.answers: list[Asked] = []

    @property
    def sent(self) -> int:
        """How many have asked."""
        return self._count

    @property
    def open(self) -> int:
        """How many wait."""
        return len(self._open)

    def codes(self) -> dict[int, int]:
        """How many answers had each status."""
        return dict(Counter(each.code for each in self.answers))

    def ask(self) -> None:
        """One more asks, from now on."""
        task = asyncio.create_task(self._one(f"{self._count}.jpg"))
        self._count += 1
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def all_answered(self) -> None:
        """Wait for everybody who waits now."""
        await asyncio.gather(*self._open)

    async def _one(self, name: str) -> None:
        at, began = time.time(), time.monotonic()
        try:
            response = await self._http.get("/classify", params={"url": self._origin.url(name)})
            code, body = response.status_code, response.json()
        except (httpx.HTTPError, ValueError):
            code, body = 0, {}
        total = time.monotonic() - began
        timings = body.get("timings", {})
        parts = [timings.get(f"{part}Ms", 0.0) / 1000 for part in PARTS]
        self.answers.append(Asked(name, at, code, total, body.get("uuid", ""), *parts))


PARTS = ("queue", "fetch", "decode", "inference")


@asynccontextmanager
async def clients(service: str, origin: Origin) -> AsyncIterator[Clients]:
    """Clients of the service at this URL."""
    # None of them may wait for another's connection: that would count as the service's time.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    async with httpx.AsyncClient(
        base_url=service, timeout=PATIENCE, limits=limits, trust_env=False
    ) as http:
        yield Clients(http, origin)
