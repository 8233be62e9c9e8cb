"""Files that would cost far more than they weigh, and files whose headers promise what is not there."""

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from tests.acceptance.hostile import pieces
from tests.acceptance.hostile.case import CRASHED, FORMAT, IMAGE, PIXELS, RED, Verdicts
from tests.acceptance.hostile.pictures import SHADES, encoded, picture

PIXEL = bytes(SHADES["red"])
DEEP = b"".join(bytes([value, 0]) for value in PIXEL) + b"\xff\xff"
BROKEN = PIXELS + IMAGE + CRASHED
"""Where the file is hollow as well as too large, each of these is true."""


def _avif(width: int, height: int) -> bytes:
    file = picture("red", "AVIF")
    at = file.index(b"ispe") + 8
    return file[:at] + struct.pack(">II", width, height) + file[at + 8 :]


def _webp_canvas(width: int, height: int) -> bytes:
    frame = picture("red", "WEBP")[12:]
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<IBxxx", 10, 0) + size + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_lossless(side: int) -> bytes:
    bits = (side - 1) | (side - 1) << 14
    body = b"WEBPVP8L" + struct.pack("<IBI", 20, 0x2F, bits) + bytes(15)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _tiled(side: int) -> bytes:
    tags = [tag for tag in pieces.tiff_tags(32, 32, 0, 0) if tag[0] not in {273, 278, 279}]
    tiles = [(322, 4, 1, side), (323, 4, 1, side), (324, 4, 1, 200), (325, 4, 1, 100)]
    return pieces.tiff([*tags, *tiles], bytes(400))


def _tiff_deflated(side: int) -> bytes:
    packed = zlib.compress(bytes(256 << 20), 9)
    return pieces.tiff(pieces.tiff_tags(side, side, 122, len(packed), 8), packed)


def _bmp_runs(side: int) -> bytes:
    """Run-length coding: no run at all, only "end of picture"; every pixel is left out."""
    palette = bytes([30, 20, 220, 0]) * 256
    file = pieces.bmp(side, side, palette + b"\0\1", 8, 1)
    return file[:10] + struct.pack("<I", 54 + len(palette)) + file[14:]


def _gif_frames(count: int) -> bytes:
    frame = b",\0\0\0\0\1\0\1\0\0\x02\x02D\x01\0"
    return pieces.gif(32, 32)[:-1] + frame * count + b";"


BOMBS: dict[str, tuple[Callable[[], bytes], Verdicts]] = {
    "png-400-megapixels": (lambda: pieces.png(20000, 20000, bytes(2500), 1, 0), PIXELS),
    "png-header-alone": (lambda: pieces.header(20000, 20000), PIXELS),
    "png-largest-sides": (lambda: pieces.header(2**31 - 1, 2**31 - 1) + pieces.END, PIXELS),
    "png-sides-of-32-bits": (lambda: pieces.header(2**32 - 1, 2**32 - 1), PIXELS + IMAGE),
    "png-one-side-too-long": (lambda: pieces.png(16385, 1, PIXEL * 16385), PIXELS),
    "png-one-line-too-many": (lambda: pieces.png(1, 16385, PIXEL), PIXELS),
    "png-just-over": (lambda: pieces.png(7072, 7072, PIXEL * 7072), PIXELS),
    "png-hollow": (lambda: pieces.header(7000, 7000) + pieces.END, IMAGE),
    "gif-canvas": (lambda: pieces.gif(65535, 65535), PIXELS),
    "gif-frame": (lambda: pieces.gif(10, 10, (60000, 60000)), BROKEN),
    "gif-dictionary": (lambda: pieces.gif(9000, 9000, (9000, 9000)), PIXELS),
    "tiff-strip": (
        lambda: pieces.tiff(pieces.tiff_tags(100000, 100000, 122, 100), bytes(100)),
        PIXELS,
    ),
    "tiff-strip-size": (
        lambda: pieces.tiff(pieces.tiff_tags(32, 32, 122, 2**32 - 1), bytes(100)),
        IMAGE + CRASHED + ((200, "red"), (200, "green"), (200, "blue")),
    ),
    "tiff-tiles": (lambda: _tiled(65520), BROKEN),
    "tiff-deflated": (lambda: _tiff_deflated(16000), PIXELS),
    "tiff-deflated-small": (lambda: _tiff_deflated(64), IMAGE + CRASHED + RED),
    "webp-canvas": (lambda: _webp_canvas(16383, 16383), BROKEN),
    "webp-canvas-24-bits": (lambda: _webp_canvas(1 << 24, 1 << 24), BROKEN + FORMAT),
    "webp-lossless": (lambda: _webp_lossless(16383), BROKEN),
    "bmp-header-lies": (lambda: pieces.bmp(30000, 30000, b""), PIXELS),
    "bmp-short": (lambda: pieces.bmp(3000, 3000, bytes(9)), IMAGE),
    "bmp-negative": (lambda: pieces.bmp(-3000, -30000, bytes(9)), BROKEN + FORMAT),
    "bmp-largest": (lambda: pieces.bmp(2**31 - 1, 2**31 - 1, bytes(9)), PIXELS + IMAGE),
    "jpeg-frame-lies": (lambda: pieces.resized(picture("red", "JPEG"), 65500, 65500), PIXELS),
    "jpeg-frame-lies-within": (
        lambda: pieces.resized(picture("red", "JPEG"), 7000, 7000),
        IMAGE + RED,
    ),
    "jpeg-of-10000-scans": (lambda: pieces.many_scans(10_000), IMAGE + CRASHED),
    "avif-extents": (lambda: _avif(60000, 60000), BROKEN),
}
"""A name to how the file is made and what must come of it."""

HEAVY: dict[str, Callable[[], bytes]] = {
    "png-49-megapixels": lambda: pieces.png(7000, 7000, PIXEL * 7000),
    "png-49-megapixels-rgba": lambda: pieces.png(7000, 7000, (PIXEL + b"\xff") * 7000, 8, 6),
    "png-49-megapixels-rgba-16": lambda: pieces.png(7000, 7000, DEEP * 7000, 16, 6),
    "jpeg-49-megapixels-progressive": lambda: _large("JPEG", progressive=True),
    "tiff-49-megapixels": lambda: _large("TIFF", compression="tiff_adobe_deflate"),
    "gif-49-megapixels": lambda: encoded(_one_color(7000), "GIF"),
    "webp-animated-500": lambda: _animated("WEBP", 500),
    "png-animated-500": lambda: _animated("PNG", 500),
    "png-16384-pixels-in-a-row": lambda: pieces.png(16384, 1, PIXEL * 16384),
    "png-compressed-text": lambda: pieces.with_chunks(picture("red"), _text(b"zTXt", b"a\0\0")),
    "png-international-text": lambda: pieces.with_chunks(
        picture("red"), _text(b"iTXt", b"a\0\1\0\0\0")
    ),
    "png-profile": lambda: pieces.with_chunks(picture("red"), _text(b"iCCP", b"a\0\0")),
    "png-100000-texts": lambda: pieces.with_chunks(
        picture("red"), *[pieces.chunk(b"tEXt", b"a\0b")] * 100_000
    ),
    "bmp-runs": lambda: _bmp_runs(7000),
    "gif-50000-frames": lambda: _gif_frames(50_000),
    "jpeg-49-megapixels": lambda: _large("JPEG"),
    "jpeg-with-comments": lambda: _segments(b"\xff\xfe", 100),
    "jpeg-with-profiles": lambda: _segments(b"\xff\xe2", 100),
}
"""Files within all limits that cost much; each is red, or refused as broken, and nothing else happens."""


def _large(kind: str, **options: object) -> bytes:
    return encoded(Image.new("RGB", (7000, 7000), SHADES["red"]), kind, **options)


def _one_color(side: int) -> Image.Image:
    made = Image.new("P", (side, side), 0)
    made.putpalette(SHADES["red"])
    return made


def _animated(kind: str, frames: int) -> bytes:
    shades = [(220, n % 20, 30) for n in range(frames)]
    first, *others = [Image.new("RGB", (32, 32), shade) for shade in shades]
    return encoded(first, kind, save_all=True, append_images=others, duration=10)


def _text(kind: bytes, head: bytes) -> bytes:
    return pieces.chunk(kind, head + zlib.compress(bytes(64 << 20), 9))


def _segments(marker: bytes, count: int) -> bytes:
    segment = marker + struct.pack(">H", 65535) + b"ICC_PROFILE\0\1\1".ljust(65533, b"x")
    file = picture("red", "JPEG")
    return file[:2] + segment * count + file[2:]
