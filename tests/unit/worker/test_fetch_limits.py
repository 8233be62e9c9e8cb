"""Bytes, time and broken bodies: an origin can cost only so much."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest

from tests.unit.worker.origin import OK, PICTURE, fetch, page, refused


def raw(plain):
    """Deflate without its zlib wrapping, as some servers send it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(plain) + packer.flush()


async def test_a_length_over_the_limit_is_refused_before_the_body():
    answer = (page(b"", length=1001), 30)
    assert await refused(answer, max_bytes=1000, seconds=5) == "body_too_large"


async def test_a_body_of_the_limit_itself_is_taken():
    assert await fetch(page(b"x" * 1000), max_bytes=1000) == b"x" * 1000


async def test_bytes_are_counted_when_no_length_is_told():
    chunk = b"3e8\r\n" + b"x" * 1000 + b"\r\n"
    answer = (OK + b"Transfer-Encoding: chunked\r\n\r\n", *([chunk] * 20), 30)
    assert await refused(answer, max_bytes=5000, seconds=5) == "body_too_large"


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("gzip", gzip.compress(PICTURE)),
        ("x-gzip", gzip.compress(PICTURE)),
        ("GZIP ", gzip.compress(PICTURE)),
        ("deflate", zlib.compress(PICTURE)),
        ("deflate", raw(PICTURE)),
        ("br", brotli.compress(PICTURE)),
        ("identity", PICTURE),
        ("", PICTURE),
    ],
)
async def test_an_encoding_is_undone(name, packed):
    assert await fetch(page(packed, f"Content-Encoding: {name}")) == PICTURE


BOMBS = {
    "gzip": gzip.compress(bytes(50_000_000)),
    "deflate": zlib.compress(bytes(50_000_000)),
    "br": brotli.compress(bytes(50_000_000), quality=5),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_stopped_at_the_limit(name):
    assert len(BOMBS[name]) < 100_000
    answer = page(BOMBS[name], f"Content-Encoding: {name}")
    tracemalloc.start()
    try:
        assert await refused(answer, max_bytes=100_000) == "body_too_large"
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 5_000_000


@pytest.mark.parametrize("name", ["gzip", "deflate"])
async def test_what_follows_an_encoded_body_is_passed_over(name):
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}[name](PICTURE)
    answer = (
        page(packed, f"Content-Encoding: {name}", length=len(packed) + 200_000),
        b"x" * 200_000,
    )
    assert await fetch(answer) == PICTURE


@pytest.mark.parametrize(
    "name", ["zstd", "gzip, gzip", "gzip, br", "identity, gzip", "compress", "aws-chunked"]
)
async def test_an_encoding_that_is_not_known_is_refused_and_so_are_several(name):
    assert await refused(page(b"x", f"Content-Encoding: {name}")) == "upstream_protocol"


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
async def test_an_encoding_that_is_none_is_refused(name):
    assert await refused(page(b"\xff" * 99, f"Content-Encoding: {name}")) == "upstream_protocol"


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("gzip", gzip.compress(PICTURE)),
        ("deflate", zlib.compress(PICTURE)),
        ("deflate", raw(PICTURE)),
        ("br", brotli.compress(PICTURE)),
    ],
)
@pytest.mark.parametrize("kept", [0, 1, 2, -20, -1])
async def test_an_encoded_body_that_ends_early_is_incomplete(name, packed, kept):
    assert await refused(page(packed[:kept], f"Content-Encoding: {name}")) == "incomplete_body"


@pytest.mark.parametrize(
    "answer",
    [
        (page(b"half", length=8), None),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", None),
    ],
)
async def test_a_body_that_ends_early_is_incomplete(answer):
    assert await refused(answer) == "incomplete_body"


@pytest.mark.parametrize(
    "answer",
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", None),
        (b"\x00\x01\x02\x03\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", None),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n", None),
        (None,),
    ],
)
async def test_what_is_no_http_breaks_the_protocol(answer):
    assert await refused(answer, seconds=5) == "upstream_protocol"


@pytest.mark.parametrize(
    "answer",
    [
        (30,),
        (b"HTTP/1.1 200", 30),
        (page(b"half", length=8), 30),
        (OK + b"Content-Length: 50\r\n\r\n", *([b"x", 0.1] * 50)),
    ],
)
async def test_the_time_is_for_the_whole_fetch(answer):
    assert await refused(answer, seconds=0.5) == "fetch_timeout"
