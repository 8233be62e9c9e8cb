"""The pool: a fetch that is given up leaves nothing behind, and no connection serves two hosts."""

import asyncio
import contextlib
import random

import httpcore2
import pytest

from tests.unit.worker.origin import fetching, origin, page
from wire.errors import BlockedAddress, FetchTimeout
from wire.outside.exchange import Exchange
from wire.outside.line import Dial
from wire.outside.origin import Dropped
from wire.outside.unread import unread
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
        assert fetcher._pool.lent == 0
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


async def test_whatever_lies_unread_is_seen_wherever_it_lies():
    async with _talk() as (stream, writer):
        assert not unread(stream)
        writer.write(b"0123456789")  # comes in one piece, of which we take a part
        assert await stream.read(3) == b"012"
        assert unread(stream)
        assert await stream.read(100) == b"3456789"
        assert not unread(stream)
        writer.write(b"more")
        await _until(lambda: unread(stream))
        assert await stream.read(100) == b"more"
        writer.close()
        await _until(lambda: unread(stream))
    assert unread(httpcore2.AsyncMockStream([])), "where nobody can look, nothing is kept"


@contextlib.asynccontextmanager
async def _talk():
    """Our end of a connection, as httpcore2 has it, and the writer at the other."""
    come = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(lambda *ends: come.set_result(ends), "127.0.0.1", 0)
    stream = await Dial().connect_tcp(*server.sockets[0].getsockname())
    _, writer = await come
    try:
        yield stream, writer
    finally:
        await stream.aclose()
        writer.close()
        server.close()


async def _until(holds):
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def until_said(fetcher):
    """The next answer has come, to whatever connection is kept."""
    await _until(lambda: all(each.exchange.unread() for each in fetcher._pool.kept))


LATE = {"/x": (page(b"first"), 0.05, page(b"smuggled")), "/y": page(b"second")}


async def test_what_comes_while_a_connection_idles_is_no_answer_to_the_next():
    async with origin(LATE) as server, fetching(server.host) as fetcher:
        assert await fetcher.fetch(f"http://{server.host}/x") == b"first"
        await until_said(fetcher)
        assert await fetcher.fetch(f"http://{server.host}/y") == b"second"
    assert server.connections == 2


async def test_what_comes_after_a_connection_was_chosen_is_no_answer_either(monkeypatch):
    """The last look is right before the request is written; whoever is caught by it asks anew elsewhere."""
    monkeypatch.setattr(Exchange, "unread", lambda self: False)  # as if it came later
    async with origin(LATE) as server, fetching(server.host) as fetcher:
        assert await fetcher.fetch(f"http://{server.host}/x") == b"first"
        await _until(lambda: all(each.exchange._stream.unread() for each in fetcher._pool.kept))
        assert await fetcher.fetch(f"http://{server.host}/y") == b"second"
    assert server.connections == 2
    assert [head.split()[1] for head in server.requests] == [b"/x", b"/y"]


async def test_an_origin_that_hangs_up_on_a_new_connection_is_asked_once():
    """It was no stale one: whether to try again, and when, is for `worker.retry` to say."""
    async with origin({"/x": (None,)}) as server, fetching(server.host) as fetcher:
        with pytest.raises(Dropped):
            await fetcher.fetch(f"http://{server.host}/x")
    assert len(server.requests) == 1


async def test_an_origin_that_hangs_up_on_a_kept_connection_is_asked_again_at_once():
    pages = {"/x": page(b"x"), "/y": page(b"y")}
    async with origin(pages) as server, fetching(server.host) as fetcher:
        await fetcher.fetch(f"http://{server.host}/x")
        server.pages = {"/y": Second((None,), (page(b"y"),))}
        assert await fetcher.fetch(f"http://{server.host}/y") == b"y"
        server.pages = {"/y": (None,)}
        with pytest.raises(Dropped):  # the kept one, and a new one
            await fetcher.fetch(f"http://{server.host}/y")
    assert (len(server.requests), server.connections) == (5, 3)


class Second(tuple):
    """A page that is another each time."""

    def __iter__(self):
        *first, last = super().__iter__()
        told, self.told = getattr(self, "told", 0), getattr(self, "told", 0) + 1
        return iter(first[told] if told < len(first) else last)

    def __new__(cls, *pages):
        return super().__new__(cls, pages)
