"""Picture files written as Pillow does not write them: deep and interlaced PNG, JPEG in inks."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageChops, ImageOps


def saved(picture: Image.Image, kind: str, **options) -> bytes:
    """A picture as a file of some format."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def png(samples: np.ndarray, depth: int = 8, interlaced: bool = False) -> bytes:
    """A PNG of samples, uint8 or uint16 (H, W, channels), where Pillow cannot write one."""
    height, width, channels = samples.shape
    color = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    # Adam7 (PNG, section 8.2): where each pass begins, and how far apart its pixels are.
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
    passes = [*passes, (1, 0, 2, 1)] if interlaced else [(0, 0, 1, 1)]
    lines = b""
    for top, left, down, across in passes:
        part = samples[top::down, left::across].astype(">u2" if depth == 16 else "u1")
        lines += b"".join(b"\0" + row.tobytes() for row in part if part.size)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines, 1)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def naive_cmyk(base: Image.Image) -> Image.Image:
    """As much black as there can be, and the rest in colors."""
    rgb = np.asarray(base, float) / 255
    black = 1 - rgb.max(-1, keepdims=True)
    inks = (1 - rgb - black) / np.maximum(1 - black, 1e-9)
    whole = np.concatenate([inks, black], -1)
    return Image.fromarray(np.round(whole * 255).astype(np.uint8), "CMYK")


def adobe_cmyk(base: Image.Image) -> bytes:
    return saved(naive_cmyk(base), "JPEG", quality=95)


def plain_cmyk(base: Image.Image) -> bytes:
    """Inks as they are, and no word of Adobe."""
    data = saved(ImageChops.invert(naive_cmyk(base)), "JPEG", quality=95)
    at = data.index(b"\xff\xee\0\x0eAdobe")
    return data[:at] + data[at + 16 :]


def ycck(base: Image.Image) -> bytes:
    cyan, magenta, yellow, black = naive_cmyk(base).split()
    light = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    stored = Image.merge("CMYK", (*map(ImageOps.invert, light), black))
    data = saved(stored, "JPEG", quality=95, subsampling=0)
    at = data.index(b"\xff\xee\0\x0eAdobe") + 15
    return data[:at] + b"\x02" + data[at + 1 :]
