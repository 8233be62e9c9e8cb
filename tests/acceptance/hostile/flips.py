"""Pictures of all kinds with a few bits turned over, the same ones each time."""

import random
from collections.abc import Iterator

from PIL import Image

from tests.acceptance.hostile.pictures import encoded

KINDS: dict[str, tuple[str, str, dict[str, object]]] = {
    "jpeg": ("RGB", "JPEG", {"quality": 80}),
    "jpeg-progressive": ("RGB", "JPEG", {"quality": 80, "progressive": True}),
    "jpeg-cmyk": ("CMYK", "JPEG", {}),
    "png": ("RGB", "PNG", {}),
    "png-palette": ("P", "PNG", {}),
    "gif": ("P", "GIF", {}),
    "webp": ("RGB", "WEBP", {}),
    "webp-lossless": ("RGB", "WEBP", {"lossless": True}),
    "bmp": ("RGB", "BMP", {}),
    "tiff-lzw": ("RGB", "TIFF", {"compression": "tiff_lzw"}),
    "tiff-jpeg": ("RGB", "TIFF", {"compression": "jpeg"}),
    "tiff-group4": ("1", "TIFF", {"compression": "group4"}),
    "avif": ("RGB", "AVIF", {}),
}
HEAD = 200  # bytes in which headers lie; half of the damage goes there


def damaged(photo: Image.Image, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many files with the name of what they were, each with 1 to 16 bits turned over."""
    chance = random.Random(seed)
    whole = {
        name: encoded(photo.convert(mode), kind, **options)
        for name, (mode, kind, options) in KINDS.items()
    }
    for at in range(count):
        name = list(KINDS)[at % len(KINDS)]
        yield f"{name} {at}", _turned(bytearray(whole[name]), chance)


def _turned(file: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 16)):
        end = HEAD if chance.random() < 0.5 else len(file)
        bit = chance.randrange(8 * min(end, len(file)))
        file[bit // 8] ^= 1 << bit % 8
    return bytes(file)
