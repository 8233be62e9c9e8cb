"""Bytes, time and broken bodies: an origin can cost only so much."""

import gzip
import zlib

import pytest

from tests.unit.worker.origin import OK, PICTURE, fetch, page, refused


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
        ("deflate", zlib.compress(PICTURE)),
        ("identity", PICTURE),
        ("", PICTURE),
    ],
)
async def test_an_encoding_is_undone(name, packed):
    assert await fetch(page(packed, f"Content-Encoding: {name}")) == PICTURE


async def test_a_bomb_is_stopped_at_the_limit():
    bomb = gzip.compress(bytes(50_000_000))
    answer = page(bomb, "Content-Encoding: gzip")
    assert len(bomb) < 100_000
    assert await refused(answer, max_bytes=100_000) == "body_too_large"


@pytest.mark.parametrize("name", ["br", "zstd", "gzip, gzip", "compress"])
async def test_an_encoding_that_was_not_offered_is_refused(name):
    assert await refused(page(b"x", f"Content-Encoding: {name}")) == "upstream_protocol"


async def test_an_encoding_that_is_none_is_refused():
    assert await refused(page(b"plain", "Content-Encoding: gzip")) == "upstream_protocol"


async def test_an_encoded_body_that_ends_early_is_incomplete():
    packed = gzip.compress(PICTURE)[:-20]
    assert await refused(page(packed, "Content-Encoding: gzip")) == "incomplete_body"


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
