"""Clients that ask anew as soon as they are answered: a closed loop of fixed concurrency."""

import asyncio
import time
from dataclasses import dataclass

from bench.live.line import opened
from bench.loadtest.summary import percentile
from bench.throughput.pictures import Origin

OK = 200


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


async def hammer(url: str, origin: Origin, clients: int, seconds: float) -> Answers:
    """So many clients for so long, each picture asked for once."""
    began = time.perf_counter()
    ends = began + seconds
    took: list[float] = []
    failed = 0

    async def client() -> None:
        nonlocal failed
        line = await opened(url, {})
        while time.perf_counter() < ends:
            reply = await line.classify(origin.next())
            if reply.status == OK:
                took.append(reply.seconds)
            else:
                failed += 1
        line.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return Answers(sorted(took), failed, time.perf_counter() - began)
