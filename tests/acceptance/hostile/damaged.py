"""Pictures cut short, contradicting themselves, going in circles."""

import struct

from PIL import Image

from tests.acceptance.hostile import pieces
from tests.acceptance.hostile.case import CRASHED, FORMAT, IMAGE, RED, Verdicts
from tests.acceptance.hostile.pictures import SHADES, encoded, picture

_NOISY = Image.effect_noise((64, 64), 60).convert("RGB")
KINDS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
ANY_COLOR: Verdicts = ((200, "red"), (200, "green"), (200, "blue"))
REFUSED = IMAGE + CRASHED + FORMAT


def _cut(kind: str, share: float) -> bytes:
    file = encoded(_NOISY, kind)
    return file[: int(len(file) * share)]


def _exif(body: bytes) -> bytes:
    """A red JPEG with this TIFF structure as its EXIF."""
    data = b"Exif\0\0" + body
    file = picture("red", "JPEG")
    return file[:2] + b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data + file[2:]


def _entry(number: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", number, kind, count, value)


def _directory(*entries: bytes, after: int = 0) -> bytes:
    body = struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", after)
    return b"II*\0\x08\0\0\0" + body


def _pages(count: int) -> bytes:
    red = Image.new("RGB", (32, 32), SHADES["red"])
    return encoded(red, "TIFF", save_all=True, append_images=[red.copy()] * (count - 1))


def _flipped(file: bytes, at: int) -> bytes:
    return file[:at] + bytes([file[at] ^ 0xFF]) + file[at + 1 :]


_PNG = picture("red")
_IDAT = _PNG.index(b"IDAT")
_STRIP = pieces.tiff_tags(32, 32, 122, 1024)

FILES: dict[str, tuple[bytes, Verdicts]] = {
    **{f"{kind.lower()}-half": (_cut(kind, 0.5), IMAGE) for kind in KINDS},
    **{f"{kind.lower()}-20-bytes": (encoded(_NOISY, kind)[:20], IMAGE + FORMAT) for kind in KINDS},
    **{f"{kind.lower()}-head": (encoded(_NOISY, kind)[:4], IMAGE + FORMAT) for kind in KINDS},
    "jpeg-marker-alone": (b"\xff\xd8\xff", IMAGE),
    "jpeg-only-markers": (b"\xff\xd8" + b"\xff" * 100_000, IMAGE),
    "jpeg-no-tables": (picture("red", "JPEG").replace(b"\xff\xdb", b"\xff\xfe"), IMAGE),
    "jpeg-no-height": (pieces.resized(picture("red", "JPEG"), 32, 0), IMAGE),
    "jpeg-two-frames": (
        picture("red", "JPEG")[:-2] + picture("red", "JPEG")[2:],
        IMAGE + RED,
    ),
    "gif-html": (b"GIF89a<html><script>alert(1)</script></html>", IMAGE),
    "gif-no-frame": (pieces.gif(32, 32)[:19] + b";", IMAGE),
    "gif-code-size": (pieces.gif(32, 32).replace(b"\x02\x02D", b"\x0c\x02D"), REFUSED + RED),
    "png-signature-alone": (pieces.SIGNATURE, IMAGE),
    "png-no-pixels": (pieces.header(32, 32) + pieces.END, IMAGE),
    "png-no-width": (pieces.header(0, 32) + pieces.END, IMAGE),
    "png-bad-crc": (_flipped(_PNG, _IDAT - 6), IMAGE),
    "png-bad-depth": (pieces.header(32, 32, 7) + pieces.END, IMAGE),
    "png-bad-color": (pieces.header(32, 32, 8, 5) + pieces.END, IMAGE),
    "png-bad-compression": (_flipped(_PNG, _IDAT + 8), IMAGE),
    "png-length-of-chunk": (
        _PNG[: _IDAT - 4] + b"\x7f\xff\xff\xff" + _PNG[_IDAT:],
        IMAGE + RED,
    ),
    "png-palette-absent": (pieces.png(32, 32, b"\7" * 32, 8, 3), REFUSED + ANY_COLOR),
    "png-no-end": (_PNG[:-12], IMAGE + RED),
    "bmp-depth": (pieces.bmp(32, 32, bytes(4096), 77), REFUSED),
    "bmp-compression": (pieces.bmp(32, 32, bytes(4096), 24, 99), REFUSED),
    "webp-chunk-size": (b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff" + bytes(99), REFUSED),
    "tiff-directory-outside": (b"II*\0\xff\xff\xff\x7f", IMAGE),
    "tiff-directory-in-circles": (pieces.tiff(_STRIP, bytes(1024), after=8), REFUSED + ANY_COLOR),
    "tiff-no-tags": (pieces.tiff([]), REFUSED),
    "tiff-count-of-strips": (
        pieces.tiff([*_STRIP[:5], (273, 4, 2**32 - 1, 122), *_STRIP[6:]], bytes(1024)),
        REFUSED,
    ),
    "tiff-compression": (
        pieces.tiff(pieces.tiff_tags(32, 32, 122, 1024, 999), bytes(1024)),
        REFUSED,
    ),
    "tiff-2-pages": (_pages(2), FORMAT),
    "tiff-200-pages": (_pages(200), FORMAT),
    "exif-in-circles": (
        _exif(_directory(_entry(0x8769, 4, 1, 8), _entry(0x8825, 4, 1, 8), after=8)),
        RED,
    ),
    "exif-count": (_exif(_directory(_entry(0x0112, 3, 2**32 - 1, 0))), RED),
    "exif-orientation": (_exif(_directory(_entry(0x0112, 3, 1, 99))), RED),
    "exif-offset": (_exif(b"II*\0\xff\xff\xff\xff"), RED),
    "exif-thousand-entries": (_exif(_directory(*[_entry(0x9286, 7, 2**31, 8)] * 4000)), RED),
    "zip-behind-a-picture": (_PNG + b"PK\3\4" + bytes(400), RED),
    "script-behind-a-picture": (_PNG + b"<script>alert(1)</script>", RED),
}
"""A name to a file and what must come of it."""
