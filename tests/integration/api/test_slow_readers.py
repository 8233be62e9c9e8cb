"""Clients that ask and do not read: their connection is ended, and nothing of theirs is kept."""

import asyncio
import socket

import pytest
import uvloop

from api.edge import listener as listeners
from api.edge import server
from api.edge.door import Door
from api.edge.protocol import Bounds

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
MEGABYTE = b"a" * 1_000_000


async def large(scope, receive, send):
    """An answer of 20 MB: more than the buffers of two sockets."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(20):
        await send({"type": "http.response.body", "body": MEGABYTE, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def at_once(scope, receive, send):
    """The same in one piece, and then the connection is to be closed."""
    headers = [(b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": MEGABYTE * 20})


@pytest.fixture(scope="module")
def event_loop_policy():
    """The loop that replicas run on."""
    return uvloop.EventLoopPolicy()


@pytest.fixture
async def serve():
    """Serves an app on a free port, with little patience."""
    running = []

    async def begin(app) -> tuple[tuple[str, int], Door]:
        door, listener = Door(10), listeners.bind("127.0.0.1", 0)
        address = listener.getsockname()
        web = server.make(app, door, Bounds(stall=0.3, linger=0.3), lambda _: None)
        running.append((web, asyncio.create_task(web.serve(sockets=[listener]))))
        return address, door

    yield begin
    for web, task in running:
        web.should_exit = True
        await task


@pytest.mark.parametrize("app", [large, at_once])
async def test_who_reads_nothing_is_cut_off(serve, app):
    address, door = await serve(app)
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, address)
        await asyncio.get_running_loop().sock_sendall(sock, REQUEST)
        async with asyncio.timeout(30):
            while not len(door):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            while len(door):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("app", [large, at_once])
async def test_who_reads_slowly_but_reads_gets_all_of_it(serve, app):
    address, _ = await serve(app)
    reader, writer = await asyncio.open_connection(*address, limit=65536)
    writer.write(REQUEST)
    taken = 0
    await reader.readuntil(b"\r\n\r\n")
    async with asyncio.timeout(60):
        while taken < 20_000_000:
            part = await reader.read(1_000_000)
            assert part, taken
            taken += len(part)
            await asyncio.sleep(0.01)
    writer.close()
