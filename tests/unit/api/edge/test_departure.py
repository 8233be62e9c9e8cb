"""Whoever waits for a client's leaving hears of it, in time and with no task."""

import asyncio
import contextlib
import socket

import pytest
from starlette.requests import Request
from uvicorn.config import Config
from uvicorn.server import ServerState

from api.client import HttpClient
from api.edge.door import Door
from api.edge.protocol import BoundedProtocol, Bounds

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
BIG = 200_000  # bytes; more than is read ahead
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % BIG + b"x" * BIG
EMPTY = [(b"content-length", b"0")]


class Served:
    """Connections whose requests read their bodies, `begin`, and are answered when their client has left
    or `answer` is set. `left` is told by each whether he has."""

    def __init__(self) -> None:
        self.begun, self.begin, self.answer = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.left: asyncio.Queue[bool] = asyncio.Queue()
        self.begin.set()

    async def app(self, scope, receive, send) -> None:
        request = Request(scope, receive)
        if request.method == "POST":
            await request.body()
        self.begun.set()
        await self.begin.wait()
        before = len(asyncio.all_tasks())
        gone = asyncio.ensure_future(HttpClient(request).gone())
        assert len(asyncio.all_tasks()) == before
        answer = asyncio.create_task(self.answer.wait())
        await asyncio.wait({gone, answer}, return_when=asyncio.FIRST_COMPLETED)
        self.left.put_nowait(gone.done())
        gone.cancel()
        answer.cancel()
        await send({"type": "http.response.start", "status": 200, "headers": EMPTY})
        await send({"type": "http.response.body", "body": b""})

    @contextlib.asynccontextmanager
    async def talk(self):
        ours, theirs = socket.socketpair()
        config = Config(self.app, interface="asgi3", lifespan="off", log_config=None)
        config.load()
        protocol = BoundedProtocol(
            config, ServerState(), {}, door=Door(10), bounds=Bounds(), refused=lambda _: None
        )
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, theirs)
        reader, writer = await asyncio.open_connection(sock=ours)
        try:
            yield reader, writer
        finally:
            writer.close()
            transport.abort()

    async def told(self) -> bool:
        return await asyncio.wait_for(self.left.get(), 5)


@pytest.fixture
async def served():
    return Served()


@pytest.mark.parametrize("asked", [GET, POST, GET + b"\r\n"])
async def test_a_client_that_leaves_while_his_request_is_worked_is_seen_to(served, asked):
    async with served.talk() as (_, writer):
        writer.write(asked)
        await asyncio.wait_for(served.begun.wait(), 5)
        await asyncio.sleep(0.02)
        writer.close()
        assert await served.told()


async def test_one_that_has_left_before_anybody_waits_for_it_too(served):
    served.begin.clear()
    async with served.talk() as (_, writer):
        writer.write(GET)
        await asyncio.wait_for(served.begun.wait(), 5)
        writer.close()
        await asyncio.sleep(0.05)
        served.begin.set()
        assert await served.told()


async def test_who_stays_is_answered_and_who_then_leaves_amid_his_next_request_is_seen_to(served):
    served.answer.set()
    async with served.talk() as (reader, writer):
        for _ in range(3):
            writer.write(GET)
            assert b"200" in await reader.readuntil(b"\r\n\r\n")
            assert not await served.told()
        served.answer.clear()
        served.begun.clear()
        writer.write(GET)
        await asyncio.wait_for(served.begun.wait(), 5)
        writer.close()
        assert await served.told()


async def test_one_that_leaves_with_requests_behind_the_one_that_is_worked(served):
    """The one that is worked hears of it; nobody reads further for the others."""
    served.begin.clear()
    async with served.talk() as (_, writer):
        writer.write(GET * 3)
        await asyncio.wait_for(served.begun.wait(), 5)
        served.begin.set()
        writer.close()
        assert await served.told()


async def test_a_server_that_does_not_tell_is_asked(served):
    messages = iter(("http.request", "http.disconnect"))

    async def receive():
        return {"type": next(messages)}

    await HttpClient(Request({"type": "http"}, receive)).gone()
    assert next(messages, None) is None
