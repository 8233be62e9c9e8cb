"""One answer a request, on a connection that is fit for it."""

import asyncio
import socket

import pytest

from wire import http_lines
from wire.http_lines import Lines, NotReached


def request(path):
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode()


def reply(text, status="200 OK"):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


@pytest.fixture
async def serve():
    servers = []

    async def start(answer):
        """Let `answer(writer, path, number of the connection)` serve each request; the port."""
        connections = []

        async def line(reader, writer):
            connections.append(writer)
            number = len(connections)
            try:
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    await answer(writer, head.split()[1].decode(), number)
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()

        server = await asyncio.start_server(line, "127.0.0.1", 0)
        servers.append(server)
        return server.sockets[0].getsockname()[1], connections

    yield start
    for server in servers:
        server.close()


def lines_to(port, answering=3.0, connecting=3.0):
    return Lines("127.0.0.1", port, None, connecting, answering)


async def ask_three(lines):
    bodies = []
    for path in ("/a", "/b", "/c"):
        bodies.append((await lines.ask(request(path))).body.decode())
        await asyncio.sleep(0.05)
    lines.close()
    return bodies


@pytest.mark.parametrize("status", ["100 Continue", "103 Early Hints"])
async def test_an_announcement_is_not_the_answer(serve, status):
    async def answer(writer, path, number):
        writer.write(f"HTTP/1.1 {status}\r\n\r\n".encode())
        await asyncio.sleep(0.01)
        writer.write(reply(path))

    port, connections = await serve(answer)
    assert await ask_three(lines_to(port)) == ["/a", "/b", "/c"]
    assert len(connections) == 1


@pytest.mark.parametrize("cut", [0, 1, 20, None], ids=["later", "a byte", "half", "whole"])
async def test_an_answer_too_many_is_nobodys(serve, cut):
    async def answer(writer, path, number):
        twice = reply(path)
        writer.write(twice + twice[:cut])
        if cut is not None:
            await asyncio.sleep(0.02)
            writer.write(twice[cut:])

    port, connections = await serve(answer)
    assert await ask_three(lines_to(port)) == ["/a", "/b", "/c"]
    assert len(connections) == 3


async def test_one_that_speaks_before_it_is_asked_is_not_listened_to(serve):
    async def answer(writer, path, number):
        writer.write(reply(path))
        await asyncio.sleep(0.02)
        writer.write(reply("unasked"))

    port, _ = await serve(answer)
    assert await ask_three(lines_to(port)) == ["/a", "/b", "/c"]


async def test_no_connection_in_time_is_not_an_answer_that_is_late(monkeypatch):
    lines = lines_to(1, connecting=0.05)
    never = asyncio.get_running_loop().create_future()

    async def connect(*args, **options):
        await never

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", connect)
    with pytest.raises(NotReached):
        await lines.ask(request("/"))


async def test_a_time_out_of_the_kernel_while_connecting_is_the_same(monkeypatch):
    async def connect(*args, **options):
        raise TimeoutError(110, "Connection timed out")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", connect)
    with pytest.raises(NotReached):
        await lines_to(1).ask(request("/"))


async def test_all_that_is_kept_goes_with_one_that_is_mute(serve):
    mute = set()

    async def answer(writer, path, number):
        if number not in mute:
            await asyncio.sleep(0.05)
            writer.write(reply(path))

    port, connections = await serve(answer)
    lines = lines_to(port, answering=0.3)
    await asyncio.gather(*(lines.ask(request("/")) for _ in range(8)))
    assert len(connections) == 8
    mute.update(range(1, 9))
    with pytest.raises(TimeoutError):
        await lines.ask(request("/"))
    assert (await lines.ask(request("/again"))).body == b"/again"
    lines.close()


async def test_what_was_idle_for_long_is_not_used_again(serve, monkeypatch):
    async def answer(writer, path, number):
        writer.write(reply(path))

    port, connections = await serve(answer)
    lines = lines_to(port)
    await lines.ask(request("/"))
    await lines.ask(request("/"))
    assert len(connections) == 1
    monkeypatch.setattr(http_lines, "IDLE", 0.01)
    await asyncio.sleep(0.05)
    await lines.ask(request("/"))
    assert len(connections) == 2
    lines.close()


async def test_the_kernel_looks_after_a_connection(serve):
    async def answer(writer, path, number):
        writer.write(reply(path))

    port, _ = await serve(answer)
    lines = lines_to(port)
    await lines.ask(request("/"))
    (kept,) = lines._here()
    connection = kept.line._transport.get_extra_info("socket")
    assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 15_000
    lines.close()


async def test_each_event_loop_has_its_own_connections(serve):
    async def answer(writer, path, number):
        writer.write(reply(path))

    port, connections = await serve(answer)
    lines = lines_to(port)

    async def elsewhere():
        assert (await lines.ask(request("/there"))).body == b"/there"
        lines.close()

    await lines.ask(request("/"))
    await asyncio.to_thread(asyncio.run, elsewhere())
    assert (await lines.ask(request("/here"))).body == b"/here"
    assert len(connections) == 2
    lines.close()


async def test_what_lies_there_unread_is_not_taken_for_an_answer(serve):
    """The event loop has not come to reading it when the next request takes the connection."""

    async def answer(writer, path, number):
        writer.write(reply(path))

    port, connections = await serve(answer)
    lines = lines_to(port)
    await lines.ask(request("/a"))
    other = connections[0].get_extra_info("socket").dup()
    with socket.socket(fileno=other.detach()) as peer:
        peer.send(reply("/unasked"))
        assert (await lines.ask(request("/b"))).body == b"/b"
    assert len(connections) == 2
    lines.close()
