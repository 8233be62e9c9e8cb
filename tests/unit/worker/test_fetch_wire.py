"""What comes over the wire beside the picture is bounded too: heads, interim answers, framing, handshakes."""

import asyncio
import itertools

import httpcore2
import pytest

from tests.unit.worker.origin import OK, PICTURE, Canned, fetch, fetching, origin, page, refused
from wire.errors import ServiceError, UpstreamProtocol
from wire.outside import metered
from wire.outside.metered import FRAMING, HEAD, Metered
from worker.fetch import BREATH, Fetcher, Limits

CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Endless(tuple):
    """A page that says its first pieces once and its last one for ever; counts what it could get rid of."""

    sent = 0

    def __iter__(self):
        *once, again = super().__iter__()
        for piece in itertools.chain(once, itertools.repeat(again)):
            self.sent += len(piece)
            yield piece


@pytest.mark.parametrize(
    "answer",
    [
        Endless((OK, b"X-Header: 1\r\n" * 500)),
        Endless((OK, b"X: " + b"y" * 65_000)),
        Endless((OK, b"Set-Cookie: a=b\r\n" * 500)),
        Endless((b"HTTP/1.1 100 Continue\r\n\r\n" * 500,)),
        Endless((b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 200,)),
        Endless((b"HTTP/1.1 200 " + b"O" * 65_000,)),
        Endless((b"\r\n" * 5000,)),
        Endless((CHUNKED, b"1;" + b"x" * 65_000)),
        Endless((CHUNKED, b"1;extension=1\r\nx\r\n" * 500)),
        Endless((CHUNKED, b"1\r\nx\r\n" * 2000)),
        Endless((CHUNKED, b"0\r\n", b"X-Trailer: 1\r\n" * 500)),
    ],
    ids=[
        "headers", "one long header", "cookies", "continue", "hints", "reason", "empty lines",
        "one long extension", "extensions", "small chunks", "trailers",
    ],
)  # fmt: skip
async def test_what_never_ends_breaks_the_protocol_soon(answer):
    assert await refused(answer, seconds=20) == "upstream_protocol"
    # As much again may lie in the buffers of both sockets.
    assert answer.sent < 4 * (HEAD + FRAMING) + 12_000_000


class Bottomless(httpcore2.AsyncNetworkStream):
    """Gives whatever is asked for, and counts it."""

    def __init__(self):
        self.given = 0

    async def read(self, max_bytes, *_):
        self.given += max_bytes
        return b"x" * max_bytes

    async def write(self, buffer, *_):
        self.given = 0


async def drained(stream):
    while True:
        await stream.read(20_000)


async def test_no_more_is_read_than_was_granted(monkeypatch):
    monkeypatch.setattr(metered, "unread", lambda stream: False)
    below = Bottomless()
    stream = Metered(below)
    for content, granted in ((None, HEAD), (None, HEAD), (800, HEAD + FRAMING + 900)):
        await stream.write(b"GET")
        if content is not None:
            stream.grant(content)
        with pytest.raises(UpstreamProtocol):
            await drained(stream)
        assert below.given == granted


@pytest.mark.parametrize("chunk", [16, 1000, 65_536])
async def test_a_picture_in_chunks_comes_whole(chunk):
    pieces = [PICTURE[at : at + chunk] for at in range(0, len(PICTURE), chunk)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    assert await fetch(CHUNKED + body) == PICTURE


async def test_a_large_picture_in_small_chunks_comes_whole():
    body = (b"200\r\n" + b"x" * 512 + b"\r\n") * 4000 + b"0\r\n\r\n"
    assert await fetch(CHUNKED + body) == b"x" * 512 * 4000


@pytest.mark.parametrize(
    "size", ["ffffffffffffffff", "fffffffffffffffffffffffffffffff", "-1", "0x10", ""]
)
async def test_a_chunk_of_impossible_size(size):
    answer = (CHUNKED + size.encode() + b"\r\nxxxx", None)
    assert await refused(answer, seconds=5) in {"upstream_protocol", "incomplete_body"}


@pytest.mark.parametrize("length", ["9" * 19, "9" * 5000, "-1", "1, 2", "1e3", "+1"])
async def test_a_length_that_is_none(length):
    answer = (OK + f"Content-Length: {length}\r\n\r\nxx".encode(), None)
    assert await refused(answer, seconds=5) in {"upstream_protocol", "body_too_large"}


async def test_a_head_of_many_kilobytes_is_taken():
    headers = [f"X-{at}: {'y' * 200}" for at in range(100)]
    assert await fetch(page(PICTURE, *headers)) == PICTURE


async def test_every_request_on_a_connection_has_a_grant_of_its_own():
    headers = [f"X-{at}: {'y' * 200}" for at in range(100)]
    pages = {"/x": page(PICTURE * 20, *headers)}
    async with origin(pages) as server, fetching(server.host) as fetcher:
        for _ in range(5):
            assert await fetcher.fetch(f"http://{server.host}/x") == PICTURE * 20
    assert server.connections == 1


async def test_a_flood_of_chunks_leaves_others_their_turn():
    """All of it lies ready: worked without an await it would hold up everybody on the same event loop."""
    turns = 0

    async def other():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def resolve(host, port):
        return ["93.184.215.14"]

    fetcher = Fetcher(resolve)
    body = (b"64\r\n" + b"x" * 100 + b"\r\n") * 10_000 + b"0\r\n\r\n"
    fetcher._pool._network_backend._dial = Canned(CHUNKED, body)
    beside = asyncio.create_task(other())
    assert len(await fetcher.fetch("http://example.com/")) == 1_000_000
    beside.cancel()
    assert turns >= 10_000 // BREATH - 2


async def _mute(reader, writer):
    """Says nothing, and hangs up when the other side does."""
    await reader.read()
    writer.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_host_that_says_nothing_takes_no_longer_than_a_fetch_may(scheme):
    server = await asyncio.start_server(_mute, "127.0.0.1", 0)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with fetching(host, seconds=0.5) as fetcher:
        with pytest.raises(ServiceError) as caught:
            async with asyncio.timeout(10):
                await fetcher.fetch(f"{scheme}://{host}/x")
        assert (fetcher._pool.kept, fetcher._pool.lent) == ([], 0)
    server.close()
    assert caught.value.code == "fetch_timeout"


async def test_a_name_server_that_hangs_takes_no_longer_than_a_fetch_may():
    async def resolve(host, port):
        await asyncio.sleep(60)

    with pytest.raises(ServiceError) as caught:
        async with asyncio.timeout(10):
            await Fetcher(resolve, limits=Limits(seconds=0.3)).fetch("http://example.com/")
    assert caught.value.code == "fetch_timeout"


async def test_the_time_is_for_all_redirects_together():
    pages = {f"/{at}": (0.2, b"HTTP/1.1 302 Found\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n" % (at + 1))
             for at in range(9)}  # fmt: skip
    async with origin(pages) as server, fetching(server.host, seconds=0.5) as fetcher:
        with pytest.raises(ServiceError) as caught:
            await fetcher.fetch(f"http://{server.host}/0")
    assert caught.value.code == "fetch_timeout"
