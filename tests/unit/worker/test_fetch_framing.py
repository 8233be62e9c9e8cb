"""Where an answer ends: what leaves that open is refused, or has its connection closed behind it."""

import pytest

from tests.unit.worker.origin import OK, PICTURE, fetch, fetching, origin, page, refused

END = b"0\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Content-Length: 4, 5\r\n",
        b"Content-Length: 04x\r\n",
        b"Content-Length: 0x4\r\n",
        b"Content-Length: \xb2\r\n",
        b"Content-Length:\r\n",
        CHUNKED + CHUNKED,
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n",
        b"Content-Length : 4\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b" Content-Length: 4\r\n",
        b"Content-Length: 4\rX: 5\r\n",
        b"Content-Length: 4\r\nX: a\x00b\r\n",
        b"X\x00: a\r\nContent-Length: 4\r\n",
        b"Content-Length\r\n",
        b": 4\r\n",
    ],
)
async def test_a_head_that_leaves_the_end_open_is_refused(head):
    assert await refused((OK + head + b"\r\nbody", None), seconds=5) == "upstream_protocol"


@pytest.mark.parametrize(
    "chunks",
    [
        b"0x4\r\nbody\r\n",
        b"+4\r\nbody\r\n",
        b" 4\r\nbody\r\n",
        b"4\r\nbodyX\r\n",
        b"4\r\nbody" + END,
        b"4 4\r\nbody\r\n",
        b"4\nbody\n",
        b"4,4\r\nbody\r\n",
        b"\r\nbody\r\n",
        b"g\r\nbody\r\n",
        b"000000000000000000004\r\nbody\r\n",
        b"0\r\nX\r\n\r\n",
        b"0\r\n X: folded at the start\r\n\r\n",
    ],
)
async def test_a_chunk_that_leaves_its_end_open_is_refused(chunks):
    assert (
        await refused((OK + CHUNKED + b"\r\n" + chunks + END, None), seconds=5)
        == "upstream_protocol"
    )


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200\r\n",
    ],
)
async def test_what_comes_before_the_headers_proper(start):
    assert await fetch(start + b"Content-Length: 4\r\n\r\nbody") == b"body"


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n",
        b"HTTP/1.1 20 OK\r\n",
        b"HTTP/1.1  200 OK\r\n",
        b"HTTP/2 200 OK\r\n",
        b"http/1.1 200 OK\r\n",
        b"ICY 200 OK\r\n",
        b"\x00HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nbody\r\n",
    ],
)
async def test_a_start_that_is_none_is_refused(start):
    code = await refused((start + b"Content-Length: 4\r\n\r\nbody", None), seconds=5)
    assert code in {"upstream_protocol", "upstream_status"}


ONCE = [
    OK + b"Content-Length: 4\r\n" + CHUNKED + b"\r\n4\r\nbody\r\n" + END,
    OK + CHUNKED + b"Content-Length: 4\r\n\r\n4\r\nbody\r\n" + END,
    page(b"body", "Connection: close"),
    page(b"body", "Connection: Keep-Alive, CLOSE"),
    b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    page(b"body") + b"\r\n",
    page(b"body") + b"X",
    OK + CHUNKED + b"\r\n4\r\nbody\r\n" + END + b"\r\n",
]
AGAIN = [
    page(b"body"),
    OK + CHUNKED + b"\r\n4\r\nbody\r\n" + END,
    OK + CHUNKED + b"\r\n4;a=b;c\r\nbody\r\n0;d\r\nTrailer: x\r\n\r\n",
    OK + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
    OK + b"Content-Length: 4, 4\r\n\r\nbody",
    OK + b"X: folded\r\n over lines\r\nContent-Length: 4\r\n\r\nbody",
]


@pytest.mark.parametrize(
    ("answer", "connections"), [*((each, 2) for each in ONCE), *((each, 1) for each in AGAIN)]
)
async def test_a_connection_whose_answer_has_a_doubtful_end_is_not_used_again(answer, connections):
    async with origin({"/x": answer}) as server, fetching(server.host) as fetcher:
        for _ in range(2):
            assert await fetcher.fetch(f"http://{server.host}/x") == b"body"
    assert server.connections == connections


@pytest.mark.parametrize("first", [PICTURE, b""])
async def test_an_error_or_a_redirect_ends_its_connection_and_its_body_is_nobody_s(first):
    """What comes with it is not read; on a connection that is kept it would be the next answer."""
    pages = {
        "/x": b"HTTP/1.1 404 None\r\nContent-Length: %d\r\n\r\n" % len(first) + first,
        "/y": page(b"second"),
    }
    async with origin(pages) as server, fetching(server.host) as fetcher:
        with pytest.raises(Exception, match="404"):
            await fetcher.fetch(f"http://{server.host}/x")
        assert await fetcher.fetch(f"http://{server.host}/y") == b"second"
    assert server.connections == 2


@pytest.mark.parametrize("size", [1_000, 100_000, 3_000_000])
async def test_what_follows_a_body_of_known_length_is_no_answer_to_the_next(size):
    body = b"x" * size
    pages = {"/x": (page(body), b"HTTP/1.1 200 OK\r\n" * 100), "/y": page(b"second")}
    async with origin(pages) as server, fetching(server.host) as fetcher:
        assert await fetcher.fetch(f"http://{server.host}/x") == body
        assert await fetcher.fetch(f"http://{server.host}/y") == b"second"
