"""Encodings undone in pieces of any size, to the same bytes and never to more than there is room for."""

import gzip
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wire.errors import BodyTooLarge, IncompleteBody, UpstreamProtocol
from worker.inflate import coding


def raw(plain):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(plain) + packer.flush()


PACKERS = [
    ("identity", bytes),
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw),
    ("br", brotli.compress),
]


def undone(name, packed, size, room):
    decoder, plain = coding(name), bytearray()
    for at in range(0, len(packed), size):
        plain += decoder.feed(packed[at : at + size], room - len(plain))
    decoder.finish()
    return bytes(plain)


@pytest.mark.parametrize(("name", "pack"), PACKERS)
@given(plain=st.binary(max_size=3000), times=st.integers(1, 100), size=st.integers(1, 70_000))
@settings(max_examples=50)
def test_any_pieces_make_the_same_whole(name, pack, plain, times, size):
    whole = plain * times
    assert undone(name, pack(whole), size, len(whole)) == whole
    if whole:
        with pytest.raises(BodyTooLarge):
            undone(name, pack(whole), size, len(whole) - 1)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
@given(data=st.binary(min_size=1, max_size=500), size=st.integers(1, 500))
def test_any_bytes_are_undone_or_refused(name, data, size):
    try:
        assert len(undone(name, data, size, 1000)) <= 1000
    except (BodyTooLarge, IncompleteBody, UpstreamProtocol):
        return


def test_brotli_stays_near_its_bound():
    packed = brotli.compress(bytes(50_000_000), quality=5)
    with pytest.raises(BodyTooLarge):
        coding("br").feed(packed, 1000)
    assert len(coding("br")._brotli.process(packed, output_buffer_limit=65536)) <= 2 * 65536
