"""The clients: so many that ask anew as soon as they are answered, or so many that ask from the launch on."""

import asyncio
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass

from bench.loadtest.summary import percentile
from bench.peers.line import Door, opened
from bench.peers.running import Running
from bench.throughput.pictures import Origin

OK = 200
AGAIN = 0.01
"""Seconds until a refused connection is tried again."""


@dataclass(frozen=True, slots=True)
class Answers:
    """`seconds` of each answer, ascending; `elapsed` of the whole window."""

    seconds: list[float]
    failed: int
    elapsed: float

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.elapsed

    def quantile(self, share: float) -> float:
        """Seconds; nearest rank."""
        return percentile(self.seconds, share)


@dataclass(frozen=True, slots=True)
class Burst:
    """Seconds from the launch to each answer, ascending.

    `unready` counts connections that were taken and then answered with another status, or not at all:
    a server that listens before it can serve. They are tried again as refused ones are.
    """

    seconds: list[float]
    unready: int


async def hammer(
    server: Running, door: Door, origin: Origin, clients: int, seconds: float
) -> Answers:
    """So many clients for so long, each picture asked for once."""
    began = time.perf_counter()
    ends = began + seconds
    took: list[float] = []
    failed = 0

    async def client() -> None:
        nonlocal failed
        line = await opened(server.url, door)
        try:
            while time.perf_counter() < ends:
                reply = await line.classify(origin.next())
                if reply.status == OK:
                    took.append(reply.seconds)
                else:
                    failed += 1
        finally:
            line.close()

    await _together(client() for _ in range(clients))
    return Answers(sorted(took), failed, time.perf_counter() - began)


async def burst(server: Running, door: Door, origin: Origin, clients: int) -> Burst:
    """One request of each client, sent from the launch on, again and again until it is answered."""
    took: list[float] = []
    unready = 0

    async def client() -> None:
        nonlocal unready
        picture = origin.next()
        while (status := await _once(server.url, door, picture)) != OK:
            if server.over:
                raise ConnectionAbortedError(server.over)
            unready += status is not None
            await asyncio.sleep(AGAIN)
        took.append(time.perf_counter() - server.launched)

    await _together(client() for _ in range(clients))
    return Burst(sorted(took), unready)


async def _once(url: str, door: Door, picture: str) -> int | None:
    """The status; None when the connection was refused, 0 when it broke."""
    try:
        line = await opened(url, door)
    except OSError:
        return None
    try:
        return (await line.classify(picture)).status
    except (OSError, asyncio.IncompleteReadError):
        return 0
    finally:
        line.close()


async def _together(jobs: Iterable[Coroutine[None, None, None]]) -> None:
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for each in tasks:
            each.cancel()
