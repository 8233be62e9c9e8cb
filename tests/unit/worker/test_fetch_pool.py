"""Fetches that are given up leave nothing behind in the pool."""

import asyncio
import contextlib
import random

from tests.unit.worker.origin import fetching, page
from wire.errors import FetchTimeout
from worker.fetch import Limits

SECONDS = 0.02
LANES = 16


async def _answer(reader, writer):
    """Late by chance: before, at, or long after the moment at which the fetch is given up."""
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"/slow" in head:
                await asyncio.sleep(random.choice([0, 0.8 * SECONDS, SECONDS, 1]))
            writer.write(page(b"ok"))
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def _hosts(count):
    servers = [await asyncio.start_server(_answer, "127.0.0.1", 0) for _ in range(count)]
    try:
        yield [f"127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers]
    finally:
        for server in servers:
            server.close()


async def test_a_thousand_time_outs_take_no_place_in_the_pool_away():
    async with _hosts(24) as hosts, fetching(*hosts, seconds=SECONDS) as fetcher:
        given_up = 0

        async def lane():
            nonlocal given_up
            while given_up < 1000:
                try:
                    await fetcher.fetch(f"http://{random.choice(hosts)}/slow")
                except FetchTimeout:
                    given_up += 1

        await asyncio.gather(*(lane() for _ in range(LANES)))
        assert fetcher._pool._requests == []
        fetcher._limits = Limits(seconds=10)
        good = [fetcher.fetch(f"http://{host}/quick") for host in hosts[:LANES]]
        assert await asyncio.gather(*good) == [b"ok"] * LANES
