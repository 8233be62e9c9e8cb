"""Bodies that are more, less or other than they say; bombs are small on the wire."""

import gzip
import struct
import zlib

MEGA = 1 << 20


def bomb(megabytes: int = 64) -> bytes:
    """Zeros by gzip, a thousandth of their size."""
    return gzip.compress(bytes(megabytes * MEGA), 9)


def nested_bomb() -> bytes:
    """A bomb in a bomb: a few hundred bytes that would become 256 MB by way of two rounds."""
    return gzip.compress(bomb(256), 9)


def many_members(body: bytes) -> bytes:
    """gzip allows members one after another; each of these is a megabyte of zeros."""
    return gzip.compress(body) + b"".join([gzip.compress(bytes(MEGA))] * 64)


def deflated(body: bytes) -> bytes:
    """As RFC 9110 means it: in zlib's wrapping."""
    return zlib.compress(body)


def raw_deflated(body: bytes) -> bytes:
    """As some servers mean it: without wrapping."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def stored(body: bytes) -> bytes:
    """A Brotli stream (RFC 7932) of one uncompressed block; no library is needed to write it."""
    # WBITS 16 is the bit 0; then ISLAST 0, MNIBBLES 4 (00), MLEN-1 in 16 bits, ISUNCOMPRESSED 1.
    header = (len(body) - 1) << 4 | 1 << 20
    return struct.pack("<I", header)[:3] + body + b"\x03"  # ISLAST and ISLASTEMPTY


def chunked(body: bytes, size: int = 100) -> bytes:
    """In the chunks of HTTP/1.1."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
