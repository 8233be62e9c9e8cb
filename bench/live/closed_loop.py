"""Clients that ask anew as soon as they are answered: a closed loop of fixed concurrency."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bench.loadtest.summary import percentile

OK = 200


class Reply(Protocol):
    @property
    def status(self) -> int: ...

    @property
    def seconds(self) -> float: ...


class Line(Protocol):
    """A kept connection to some server."""

    async def classify(self, picture: str, /) -> Reply: ...

    def close(self) -> None: ...


Opened: TypeAlias = Callable[[], Awaitable[Line]]


@dataclass(frozen=True, slots=True)
class Answers:
    """`seconds` of each answer with labels, in ascending order; `elapsed` of the whole phase."""

    seconds: list[float]
    failed: int
    elapsed: float

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.elapsed

    def quantile(self, share: float) -> float:
        """Seconds; nearest rank."""
        return percentile(self.seconds, share)


async def hammer(
    opened: Opened, picture: Callable[[], str], clients: int, seconds: float
) -> Answers:
    """So many clients for so long, each on a line of its own; `picture` names the next one to ask for."""
    began = time.perf_counter()
    ends = began + seconds
    took: list[float] = []
    failed = 0

    async def client() -> None:
        nonlocal failed
        line = await opened()
        try:
            while time.perf_counter() < ends:
                reply = await line.classify(picture())
                if reply.status == OK:
                    took.append(reply.seconds)
                else:
                    failed += 1
        finally:
            line.close()

    await together(client() for _ in range(clients))
    return Answers(sorted(took), failed, time.perf_counter() - began)


async def together(jobs: Iterable[Coroutine[None, None, None]]) -> None:
    """All at once; the first that fails ends the rest."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for each in tasks:
            each.cancel()
