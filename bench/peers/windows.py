"""One window of load on a server, with what it cost; taken again while others keep the machine busy."""

import asyncio
from dataclasses import dataclass

from bench.live.closed_loop import Answers
from bench.peers.asking import ask
from bench.peers.foreign import LOUD, OwnCpu, Watch
from bench.peers.line import Door
from bench.peers.running import Running
from bench.throughput.pictures import Origin

TRIES = 3
SLACK = 120.0
"""Seconds after a window in which everything that was asked must be answered."""
LOOK = 0.5
"""Seconds of the look at the machine before a window."""


@dataclass(frozen=True, slots=True)
class Window:
    """`p50` and `p99` in milliseconds, `cpu` in milliseconds a picture, `foreign` a share of the cores.

    `foreign` is the larger one of before and during the window.
    """

    clients: int
    per_second: float
    p50: float
    p99: float
    cpu: float
    failed: int
    foreign: float

    @property
    def loud(self) -> bool:
        """Whether others used too much of the machine to trust this."""
        return self.foreign > LOUD


@dataclass(frozen=True, slots=True)
class Bench:
    """What load is made with: the pictures, the clients' way to ask, and whose CPU is no foreign load."""

    origin: Origin
    own: OwnCpu
    seconds: float


async def window(server: Running, door: Door, bench: Bench, clients: int) -> Window:
    """The quietest of up to TRIES windows; the first that was quiet enough."""
    await _load(server, door, bench, clients, min(1.0, bench.seconds))
    found = [await _once(server, door, bench, clients)]
    while found[-1].loud and len(found) < TRIES:
        found.append(await _once(server, door, bench, clients))
    return min(found, key=lambda each: each.foreign)


async def _once(server: Running, door: Door, bench: Bench, clients: int) -> Window:
    def own() -> float:
        return bench.own() + server.tree.cpu()

    before = Watch(own)
    await asyncio.sleep(LOOK)
    idle = before.share()
    during, spent = Watch(own), server.tree.cpu()
    answers = await _load(server, door, bench, clients, bench.seconds)
    return told(answers, clients, server.tree.cpu() - spent, foreign=max(idle, during.share()))


async def _load(server: Running, door: Door, bench: Bench, clients: int, seconds: float) -> Answers:
    # A closed loop ends when its last request is answered, however long after the window.
    async with asyncio.timeout(seconds + SLACK):
        return await ask(server, door, bench.origin, clients, seconds)


def told(answers: Answers, clients: int, cpu: float, foreign: float) -> Window:
    """The figures of a window in which the server spent so many seconds of `cpu`."""
    many = len(answers.seconds)
    p50, p99 = (1000 * answers.quantile(share) if many else 0.0 for share in (0.5, 0.99))
    each = 1000 * cpu / many if many else 0.0
    return Window(clients, answers.per_second, p50, p99, each, answers.failed, foreign)
