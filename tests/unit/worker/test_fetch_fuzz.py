"""Whatever an origin answers, a fetch ends with bytes or an error of ours."""

import asyncio
import gzip
import zlib

import brotli
import httpcore2
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.origin import Canned
from wire.errors import ServiceError
from worker.fetch import Fetcher, Limits

HEAD = rb"""
    HTTP/1.1 200 OK|HTTP/1.0 200|HTTP/2 200 OK|HTTP/1.1 99999 OK|HTTP/1.1 302 Found|HTTP/1.1 304
    HTTP/1.1 100 Continue|HTTP/1.1 101 Switching Protocols|Upgrade: h2c|: no name|Two: lines
    Content-Length: 4|Content-Length: 4, 4|Content-Length: 99999999999999999999|Content-Length: -1
    Transfer-Encoding: chunked|Transfer-Encoding: gzip, chunked|Connection: close|Connection: upgrade
    Content-Encoding: gzip|Content-Encoding: br|Content-Encoding: deflate|Content-Encoding: gzip, br
    Location: http://[::1/|Location: //x|Location: x:|Location: http://10.0.0.1/|Location: /again
    Retry-After: 9
"""
LINES = [line.strip() + b"\r\n" for line in HEAD.replace(b"\n", b"|").split(b"|")]
PIECES = [
    b"\n",
    b"\x00",
    b"4\r\nbody\r\n",
    b"0\r\n\r\n",
    b"body",
    b"ffffffff\r\n",
    b" folded\r\n",
    b"\xff\xfe",
]
PACKED = [gzip.compress(b"body"), zlib.compress(b"body"), brotli.compress(b"body")]
ANSWERS = st.lists(
    st.sampled_from(LINES) | st.sampled_from(PIECES + PACKED) | st.binary(max_size=20), max_size=10
)
OPENINGS = st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 301 Moved\r\n"])


async def fetched(pieces):
    async def resolve(host, port):
        return ["93.184.215.14"]

    fetcher = Fetcher(resolve, limits=Limits(5, 1000), tls=NO_TLS)
    fetcher._pool._network_backend._dial = Canned(*pieces)
    try:
        return await fetcher.fetch("http://example.com/cat.jpg")
    except ServiceError as error:
        return error
    finally:
        assert fetcher._pool.lent == 0
        await fetcher.close()


NO_TLS = httpcore2.default_ssl_context()


@settings(max_examples=600, deadline=None)
@given(OPENINGS, ANSWERS)
def test_any_answer_is_a_body_or_an_error(opening, pieces):
    found = asyncio.run(fetched([opening, *pieces]))
    assert isinstance(found, ServiceError) or len(found) <= 1000
    assert not isinstance(found, ServiceError) or found.code != "internal"
