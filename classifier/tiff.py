"""The tiles that a TIFF announces: libtiff allocates one whole, however small the picture is."""

from collections.abc import Iterator

BIG = 43
MOST_FIELDS = 65535
TILE_WIDTH, TILE_LENGTH = 322, 323
WIDTHS = {1: 1, 6: 1, 3: 2, 8: 2, 4: 4, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}


def tile(data: bytes, start: int) -> tuple[int, int]:
    """Width and height in pixels of a frame's tiles; (0, 0) if it has none.

    `start` is where the frame's directory begins, in bytes; the decoder's own value is to be
    given, since Pillow misreads where a big-endian BigTIFF begins and libtiff follows it.
    Of a field that is there twice the larger value counts: libtiff takes the first, Pillow the
    last. Negative values read as large ones.
    """
    found = list(_fields(data, start))
    width, height = (
        max((value for tag, value in found if tag == wanted), default=0)
        for wanted in (TILE_WIDTH, TILE_LENGTH)
    )
    return width, height


def _fields(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Tag and first value of a directory's whole-number tile fields (TIFF 6.0, p. 14)."""
    whole = _Bytes(data)
    wide = whole.at(2, 2) == BIG
    pointer, counter, entry = (8, 8, 20) if wide else (4, 2, 12)
    count = max(0, min(whole.at(start, counter), (len(data) - start) // entry, MOST_FIELDS))
    first = start + counter
    for at in range(first, first + entry * count, entry):
        tag, size = whole.at(at, 2), WIDTHS.get(whole.at(at + 2, 2))
        if tag in (TILE_WIDTH, TILE_LENGTH) and size:
            value = at + 4 + pointer
            yield tag, whole.at(value if size <= pointer else whole.at(value, pointer), size)


class _Bytes:
    """Whole numbers of a file in its own byte order; past the end there are zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._little = data[:2] == b"II"

    def at(self, offset: int, size: int) -> int:
        return int.from_bytes(
            self._data[offset : offset + size], "little" if self._little else "big"
        )
