"""One contender's turn in a round: launched for a burst of requests, then launched anew and loaded."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from bench.live.service import NotStarted
from bench.peers.asking import Burst, burst
from bench.peers.line import Door
from bench.peers.running import Running
from bench.peers.windows import Bench, Window, window

PATIENCE = 120.0
"""Seconds in which a server must have answered everything that was asked from its launch on."""
BURST = 40

Launch: TypeAlias = Callable[[], AbstractAsyncContextManager[Running]]


class Beaten(Exception):
    """A contender that cannot be measured; the text says why."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`memory` in bytes after the last window, and of which kind: "pss" or "rss".

    `idle` is a burst on a service that runs without anybody who works, where there is such a thing.
    """

    cold: Burst
    idle: Burst | None
    windows: list[Window]
    memory: int
    memory_kind: str


@dataclass(frozen=True, slots=True)
class Way:
    """How to launch a contender with nothing running, without workers, ready for load, and how to ask it."""

    cold: Launch
    idle: Launch | None
    warm: Launch
    door: Door


async def turn(way: Way, bench: Bench, clients: Sequence[int]) -> Turn:
    """Everything about one contender, once; `clients` in ascending order.

    Two launches: a server that sizes its batches by what it has seen would else remember the burst for
    the rest of its life.

    Raises:
        Beaten: it did not answer in time, held too much memory, or hung up.
    """
    async with _measured(way.cold) as server, asyncio.timeout(PATIENCE):
        cold = await burst(server, way.door, bench.origin, BURST)
    idle = None
    if way.idle:
        async with _measured(way.idle) as server, asyncio.timeout(PATIENCE):
            idle = await burst(server, way.door, bench.origin, BURST)
    async with _measured(way.warm) as server:
        async with asyncio.timeout(PATIENCE):
            await burst(server, way.door, bench.origin, 1)
        windows = [await window(server, way.door, bench, each) for each in clients]
        return Turn(cold, idle, windows, *server.tree.proportional())


@asynccontextmanager
async def _measured(launch: Launch) -> AsyncIterator[Running]:
    """The server while the block runs; what ends the block before its time is told as Beaten."""
    server: Running | None = None
    try:
        async with launch() as server:
            yield server
    except TimeoutError:
        raise Beaten(f"no answer within {PATIENCE:.0f} s") from None
    except (NotStarted, OSError, asyncio.IncompleteReadError) as error:
        raise Beaten((server and server.over) or f"hung up: {error!r}") from None
