"""PNG, TIFF, GIF, BMP and JPEG files written by hand, so that each field can lie."""

import struct
import zlib
from collections.abc import Sequence

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SHORT, LONG = 3, 4


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk with its length and CRC."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, depth: int = 8, color: int = 2, interlace: int = 0) -> bytes:
    """PNG's signature and IHDR."""
    fields = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    return SIGNATURE + chunk(b"IHDR", fields)


def png(width: int, height: int, row: bytes, depth: int = 8, color: int = 2) -> bytes:
    """A whole PNG whose rows are all alike; compressed at once, so that bombs cost little to make."""
    packer = zlib.compressobj(9)
    rows, block = b"\0" + row, max(1, (1 << 20) // (len(row) + 1))
    data = b"".join(
        packer.compress(rows * min(block, height - at)) for at in range(0, height, block)
    )
    return header(width, height, depth, color) + chunk(b"IDAT", data + packer.flush()) + END


END = chunk(b"IEND", b"")


def with_chunks(file: bytes, *chunks: bytes) -> bytes:
    """A PNG with further chunks behind its IHDR."""
    at = len(SIGNATURE) + 25
    return file[:at] + b"".join(chunks) + file[at:]


def tiff(tags: Sequence[tuple[int, int, int, int]], tail: bytes = b"", after: int = 0) -> bytes:
    """A TIFF of one directory: tags are (number, type, count, value); `after` is the next one's place."""
    body = b"".join(
        struct.pack("<HHI", number, kind, count)
        + (struct.pack("<HH", value, 0) if kind == SHORT else struct.pack("<I", value))
        for number, kind, count, value in sorted(tags)
    )
    return (
        b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + body + struct.pack("<I", after) + tail
    )


def tiff_tags(
    width: int, height: int, offset: int, size: int, compression: int = 1, rows: int | None = None
) -> list[tuple[int, int, int, int]]:
    """The tags of a gray picture in one strip of `size` bytes at `offset`."""
    return [
        (256, LONG, 1, width),
        (257, LONG, 1, height),
        (258, SHORT, 1, 8),
        (259, SHORT, 1, compression),
        (262, SHORT, 1, 1),
        (273, LONG, 1, offset),
        (277, SHORT, 1, 1),
        (278, LONG, 1, height if rows is None else rows),
        (279, LONG, 1, size),
    ]


def gif(
    width: int, height: int, frame: tuple[int, int] = (1, 1), data: bytes = b"\x02D\x01\0"
) -> bytes:
    """A GIF of one frame whose canvas and frame sizes need not agree."""
    screen = struct.pack("<6sHHBBB", b"GIF89a", width, height, 0x80, 0, 0) + b"\xdc\x14\x1e\0\0\0"
    return screen + b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02" + data + b";"


def bmp(width: int, height: int, data: bytes, bits: int = 24, compression: int = 0) -> bytes:
    """A BMP whose header says what it is told."""
    info = struct.pack(
        "<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(data), 0, 0, 0, 0
    )
    return struct.pack("<2sIHHI", b"BM", 54 + len(data), 0, 0, 54) + info + data


def resized(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG whose frame header says another size."""
    at = next(i for i in range(len(jpeg)) if jpeg[i] == 0xFF and jpeg[i + 1] in {0xC0, 0xC2})
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def many_scans(scans: int, side: int = 7000) -> bytes:
    """A progressive gray JPEG of few bytes whose every scan visits all its blocks anew.

    Each scan after the first says "no coefficient here" of up to 32 767 blocks at a time (EOBRUN).
    """
    blocks = (-(-side // 8)) ** 2
    table = bytes([1]) * 64
    dqt = b"\xff\xdb" + struct.pack(">HB", 67, 0) + table
    sof = b"\xff\xc2" + struct.pack(">HBHHB", 11, 8, side, side, 1) + b"\x01\x11\0"
    dc = b"\xff\xc4" + struct.pack(">HB", 20, 0x00) + bytes([1] + [0] * 15) + b"\0"
    ac = b"\xff\xc4" + struct.pack(">HB", 20, 0x10) + bytes([1] + [0] * 15) + b"\xe0"
    first = b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\x01\x00\x00\x00\x00" + _zeros(blocks)
    runs = -(-blocks // 32767)
    again = b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\x01\x00\x01\x3f\x00" + _runs(runs)
    return b"\xff\xd8" + dqt + sof + dc + ac + first + again * scans + b"\xff\xd9"


def _zeros(count: int) -> bytes:
    """So many bits 0, the code of "no difference", padded with ones."""
    return bytes(count // 8) + bytes([0xFF >> (count % 8)])


def _runs(count: int) -> bytes:
    """So many times EOB14 (code 0) with all its 14 extra bits set but the last."""
    bits = "011111111111110" * count
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8)
    return data.replace(b"\xff", b"\xff\0")
