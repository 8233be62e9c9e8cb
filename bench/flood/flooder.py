"""The loud client, in a process of its own: its work must not slow the quiet one's clock."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection

import uvloop

from bench.flood.paced import Paced, statuses


class Flooder:
    """Floods on demand; use `flooder`."""

    def __init__(self, orders: Connection) -> None:
        self._orders = orders

    def start(self, rate: float, seconds: float) -> None:
        """Begin to ask so often, for so long."""
        self._orders.send((rate, seconds))

    async def ended(self) -> dict[int, int]:
        """How many answers had each status, once all have come."""
        counts: dict[int, int] = await asyncio.to_thread(self._orders.recv)
        return counts


@asynccontextmanager
async def flooder(service: str, key: str, origin: str) -> AsyncIterator[Flooder]:
    """A process that floods while the block runs. The key goes through a pipe: nobody reads it in `ps`."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_run, args=(theirs, service, key, origin), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Flooder(ours)
    finally:
        ours.close()
        await asyncio.to_thread(process.join)


def _run(orders: Connection, service: str, key: str, origin: str) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        client = Paced(service, key, lambda number: f"http://{origin}/loud-{number}.jpg")
        while True:
            try:
                rate, seconds = orders.recv()
            except (EOFError, KeyboardInterrupt):
                return
            orders.send(statuses(runner.run(client.ask(rate, seconds))))
