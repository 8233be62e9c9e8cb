"""Color profiles (ICC.1:2001-04) written byte by byte, and the colors that they give to numbers."""

import struct

import numpy as np

# Columns: what full red, green and blue are in XYZ under D50.
SRGB = np.array([[0.4360, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])
WIDE = np.array([[0.7977, 0.1352, 0.0313], [0.2880, 0.7119, 0.0001], [0.0, 0.0, 0.8249]])
D50 = np.array([0.9642, 1.0, 0.8249])
SWAP = [1, 0, 2]  # red and green change places


def rgb(primaries: np.ndarray, gamma: float = 2.2) -> bytes:
    """A profile of three primaries and one power curve."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {b"wtpt": _xyz(D50), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    tags |= {name: _xyz(primaries[:, at]) for at, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def gray(gamma: float) -> bytes:
    """A profile of one power curve from black to white."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"wtpt": _xyz(D50), b"kTRC": curve})


def cmyk(order: tuple[int, ...] = (0, 1, 2, 3), points: int = 7) -> bytes:
    """A profile of inks that mix as in red = (1 - cyan)(1 - black), the channels in another order."""
    ticks = np.linspace(0, 1, points)
    inks = np.stack(np.meshgrid(*[ticks] * 4, indexing="ij"), -1)[..., np.argsort(order)]
    lab = _lab((1 - inks[..., :3]) * (1 - inks[..., 3:]))
    cells = np.stack([lab[..., 0] * 2.55, lab[..., 1] + 128, lab[..., 2] + 128], -1)
    line = bytes(range(256))
    identity = struct.pack(">9i", *(65536 if at % 4 == 0 else 0 for at in range(9)))
    table = np.clip(np.round(cells), 0, 255).astype(np.uint8).tobytes()
    lut = b"mft1" + bytes(4) + bytes((4, 3, points, 0)) + identity + line * 4 + table + line * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut, b"A2B1": lut, b"wtpt": _xyz(D50)})


def into(picture: np.ndarray, primaries: np.ndarray, gamma: float = 2.2) -> np.ndarray:
    """An sRGB picture, uint8 (H, W, 3), in the numbers of another RGB profile."""
    linear = _linear(picture / 255) @ SRGB.T @ np.linalg.inv(primaries).T
    return np.round(np.clip(linear, 0, 1) ** (1 / gamma) * 255).astype(np.uint8)


def _linear(values: np.ndarray) -> np.ndarray:
    """sRGB's own curve undone (IEC 61966-2-1)."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _lab(values: np.ndarray) -> np.ndarray:
    """sRGB in 0..1 as CIE L*a*b* under D50."""
    ratio = _linear(values) @ SRGB.T / D50
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def _xyz(values: np.ndarray) -> bytes:
    fixed = (round(float(value) * 65536) for value in values)
    return b"XYZ " + bytes(4) + struct.pack(">3i", *fixed)


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    tags = {
        b"desc": _described(b"made for a test"),
        b"cprt": b"text" + bytes(4) + b"none\0",
        **tags,
    }
    table, body, start = b"", b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = bytes(8) + struct.pack(">I", 0x02400000) + kind + space + connection
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head = head.ljust(68, b"\0") + _xyz(D50)[8:]
    whole = head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def _described(text: bytes) -> bytes:
    return b"desc" + bytes(4) + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(78)
