"""What goes to a receiver, and where it does not go."""

import asyncio
import ssl

import pytest

from api.hooks.delivery import NotTold
from api.hooks.post import Post

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


class Server:
    """Takes connections on loopback, keeps what comes, answers with `said`; hangs where that is None."""

    def __init__(self, said):
        self.said = said
        self.heard = []
        self.connections = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.place = f"127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _serve(self, reader, writer):
        self.connections += 1
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        self.heard.append((head, await reader.readexactly(length)))
        if self.said is not None:
            writer.write(self.said)
            await writer.drain()
            writer.close()


async def local(host, port):
    return ["127.0.0.1"]


def post(*allow, seconds=5.0, resolve=local):
    return Post(resolve, frozenset(allow), ssl.create_default_context(), seconds)


async def test_a_message_arrives_whole_and_carries_nothing_of_ours(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA-OURS")
    async with Server(OK) as server:
        url = f"http://{server.place}/told/é?a=b c"
        body = b"x" * 300_000
        headers = {"webhook-id": "j1.succeeded"}
        assert await post(server.place).send(url.replace(" ", "%20"), headers, body) == 204
    ((head, heard),) = server.heard
    assert heard == body
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /told/%C3%A9?a=b%20c HTTP/1.1"
    names = {line.partition(":")[0].lower() for line in lines[1:] if line}
    assert names == {
        "host",
        "user-agent",
        "content-type",
        "content-length",
        "connection",
        "webhook-id",
    }
    assert "AKIA" not in head.decode()


async def test_a_redirect_is_an_answer_and_is_not_followed():
    async with Server(OK) as other:
        to = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://{other.place}/\r\n\r\n".encode()
        async with Server(to) as server:
            told = await post(server.place, other.place).send(f"http://{server.place}/", {}, b"{}")
    assert told == 307
    assert other.connections == 0


@pytest.mark.parametrize(
    "said",
    [
        None,
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 4000,
        b"HTTP/1.1 200 OK\r\nx: ",
    ],
)
async def test_what_is_no_answer_is_not_taken_for_one(said):
    async with Server(said) as server:
        with pytest.raises(NotTold):
            await post(server.place, seconds=0.5).send(f"http://{server.place}/", {}, b"{}")
    assert len(server.heard) == 1


async def test_an_endless_answer_is_not_read():
    async with Server(
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 99_999
    ) as server:
        assert await post(server.place).send(f"http://{server.place}/", {}, b"{}") == 200


@pytest.mark.parametrize("name", ["127.0.0.1", "[::1]", "127.1", "localhost", "rebound.example"])
async def test_private_receivers_hear_nothing(name):
    """The last is refused by what it resolves to; the guard itself is proven elsewhere."""
    async with Server(OK) as tripwire:
        for url in (f"http://{name}/", f"https://{name}/", f"http://{name}:{tripwire.port}/"):
            with pytest.raises(NotTold, match=r"blocked_(address|port)"):
                await post().send(url, {}, b"{}")
    assert tripwire.connections == 0


async def test_nobody_there_is_told_as_such():
    async with Server(OK) as server:
        place = server.place
    with pytest.raises(NotTold, match="reached"):
        await post(place).send(f"http://{place}/", {}, b"{}")
