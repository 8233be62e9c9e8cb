"""Line ends after a request, which some clients send: they are no request, and end none."""

import asyncio
import contextlib
import socket

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from api.edge.door import Door
from api.edge.protocol import BoundedProtocol, Bounds

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LENGTH = [(b"content-length", b"6")]
HEAD_SECONDS = 0.2


class Served:
    """One connection whose requests are answered once `answer` is set."""

    def __init__(self) -> None:
        self.answer = asyncio.Event()
        self.refused: list[str] = []

    async def app(self, scope, receive, send) -> None:
        await self.answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": LENGTH})
        await send({"type": "http.response.body", "body": b"answer"})

    @contextlib.asynccontextmanager
    async def talk(self, first: bytes):
        """The client's end; `first` is there before the connection is."""
        ours, theirs = socket.socketpair()
        ours.sendall(first)
        config = Config(self.app, interface="asgi3", lifespan="off", log_config=None)
        config.load()
        protocol = BoundedProtocol(
            config,
            ServerState(),
            {},
            door=Door(10),
            bounds=Bounds(head_seconds=HEAD_SECONDS),
            refused=lambda error: self.refused.append(error.code),
        )
        transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
            lambda: protocol, theirs
        )
        reader, writer = await asyncio.open_connection(sock=ours)
        try:
            yield reader, writer
        finally:
            writer.close()
            transport.abort()


@pytest.fixture
async def served():
    return Served()


@pytest.mark.parametrize("ends", [b"\r\n", b"\r\n\r\n", b"\n"])
async def test_line_ends_after_a_request_under_way_do_not_end_it(served, ends):
    async with served.talk(GET) as (reader, writer):
        writer.write(ends)
        await asyncio.sleep(3 * HEAD_SECONDS)
        served.answer.set()
        assert (await reader.readuntil(b"answer")).startswith(b"HTTP/1.1 200 ")
        writer.write(ends + GET)
        assert (await reader.readuntil(b"answer")).startswith(b"HTTP/1.1 200 ")
    assert served.refused == []


async def test_the_next_request_may_still_not_trickle_in(served):
    """Its head has begun, whatever became of the request before it."""
    async with served.talk(GET + b"\r\nGET / HT") as (reader, _writer):
        async with asyncio.timeout(10):
            assert await reader.read() == b""
    assert served.refused == ["request_timeout"]


async def test_line_ends_alone_are_no_request_for_long(served):
    served.answer.set()
    async with served.talk(GET) as (reader, writer):
        await reader.readuntil(b"answer")
        writer.write(b"\r\n")
        async with asyncio.timeout(10):
            assert b" 408 " in await reader.read()
    assert served.refused == ["request_timeout"]
