"""Pixels as a file that every decoder reads: PNG, its rows as they are. W3C, "PNG (Third Edition)"."""

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUE_COLOR = struct.Struct(">IIBBBBB")


def png(pixels: bytes | memoryview, height: int, width: int) -> bytes:
    """uint8 (height, width, 3), RGB in C order, as a PNG. It is not compressed: that would cost more
    here than the bytes do."""
    row = 3 * width
    rows = b"".join(b"\0" + pixels[at : at + row] for at in range(0, height * row, row))
    head = _TRUE_COLOR.pack(width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
