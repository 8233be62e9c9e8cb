"""The clients: so many that ask anew as soon as they are answered, or so many that ask from the launch on."""

import asyncio
import time
from dataclasses import dataclass

from bench.live.closed_loop import OK, Answers, hammer, together
from bench.peers.line import Door, Line, opened
from bench.peers.running import Running
from bench.throughput.pictures import Origin

AGAIN = 0.01
"""Seconds until a refused connection is tried again."""


@dataclass(frozen=True, slots=True)
class Burst:
    """Seconds from the launch to each answer, ascending.

    `unready` counts connections that were taken and then answered with another status, or not at all:
    a server that listens before it can serve. They are tried again as refused ones are.
    """

    seconds: list[float]
    unready: int


async def ask(server: Running, door: Door, origin: Origin, clients: int, seconds: float) -> Answers:
    """So many clients for so long, each picture asked for once."""

    async def line() -> Line:
        return await opened(server.url, door)

    return await hammer(line, origin.next, clients, seconds)


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

    await together(client() for _ in range(clients))
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
