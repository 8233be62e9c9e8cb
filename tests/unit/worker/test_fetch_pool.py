"""The pool: a fetch that is given up leaves nothing behind, and no connection serves two hosts."""

import asyncio
import contextlib
import random

import pytest

from tests.unit.worker.origin import fetching, origin, page
from wire.errors import BlockedAddress, FetchTimeout
from worker.fetch import Fetcher, Limits

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


async def test_hosts_on_one_address_share_no_connection():
    async def resolve(host, port):
        return ["127.0.0.1"]

    async with origin({"/x": page(b"x")}) as server:
        hosts = [f"{name}.example:{server.port}" for name in ("a", "b", "c")]
        fetcher = Fetcher(resolve, frozenset(hosts))
        for _ in range(2):
            for host in hosts:
                await fetcher.fetch(f"http://{host}/x")
        await fetcher.close()
    assert server.connections == 3


async def test_a_pooled_connection_stays_with_its_address_and_the_next_dial_is_judged():
    answers = [["127.0.0.1"], ["169.254.169.254"]]

    async def rebinding(host, port):
        return answers.pop(0)

    async with origin({"/x": page(b"x"), "/last": (page(b"x"), None)}) as server:
        host = f"rebind.example:{server.port}"
        fetcher = Fetcher(rebinding, frozenset({host}))
        await fetcher.fetch(f"http://{host}/x")
        fetcher._pool._network_backend._allow = frozenset()  # from here on, addresses are judged
        await fetcher.fetch(f"http://{host}/x")
        assert (server.connections, len(answers)) == (1, 1)
        await fetcher.fetch(f"http://{host}/last")
        with pytest.raises(BlockedAddress):
            await fetcher.fetch(f"http://{host}/x")
        await fetcher.close()
    assert server.connections == 1


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n"


@pytest.mark.parametrize("first", [page(b"first"), CHUNKED])
async def test_what_an_origin_says_beyond_its_answer_is_no_answer_to_the_next(first):
    pages = {"/x": first + page(b"smuggled"), "/y": page(b"second")}
    async with origin(pages) as server, fetching(server.host) as fetcher:
        assert await fetcher.fetch(f"http://{server.host}/x") == b"first"
        assert await fetcher.fetch(f"http://{server.host}/y") == b"second"
    assert server.connections == 2
