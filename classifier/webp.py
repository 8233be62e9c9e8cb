"""The size that a WebP announces: its decoder allocates the canvas twice when the file is opened."""


def canvas(data: bytes) -> tuple[int, int]:
    """Width and height in pixels (RFC 9649, sections 2.5 to 2.7); (0, 0) if they cannot be read."""
    kind, head = data[12:16], data[20:30]
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(head) < 10:
        return 0, 0
    if kind == b"VP8X":
        return _number(head[4:7]) + 1, _number(head[7:10]) + 1
    if kind == b"VP8L":
        bits = _number(head[1:5])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return _number(head[6:8]) & 0x3FFF, _number(head[8:10]) & 0x3FFF
    return 0, 0


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
