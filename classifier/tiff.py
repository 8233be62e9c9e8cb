"""What a TIFF announces that the decoder does not check: its tiles and its pages.

libtiff allocates a tile whole, however small the picture is.
"""

from collections.abc import Iterator, Sequence

BIG = 43
MOST_FIELDS = 65535
SUBFILE, OLD_SUBFILE = 254, 255
REDUCED, MASK, OLD_REDUCED = 1, 4, 2
TILE_WIDTH, TILE_LENGTH = 322, 323
MOST_DIRECTORIES = 256
WIDTHS = {1: 1, 6: 1, 3: 2, 8: 2, 4: 4, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}


def tile(data: bytes, start: int) -> tuple[int, int]:
    """Width and height in pixels of a frame's tiles; (0, 0) if it has none.

    `start` is where the frame's directory begins, in bytes; the decoder's own value is to be
    given, since Pillow misreads where a big-endian BigTIFF begins and libtiff follows it.
    Of a field that is there twice the larger value counts: libtiff takes the first, Pillow the
    last. Negative values read as large ones.
    """
    found = list(_fields(_Bytes(data), start, (TILE_WIDTH, TILE_LENGTH)))
    width, height = (
        max((value for tag, value in found if tag == wanted), default=0)
        for wanted in (TILE_WIDTH, TILE_LENGTH)
    )
    return width, height


def has_pages(data: bytes, start: int) -> bool:
    """Whether there is more than one full page from the directory at `start` on.

    Versions of reduced size and masks are none: they say so of themselves (TIFF 6.0, p. 36).
    """
    whole, seen, pages = _Bytes(data), set[int](), 0
    while 0 < start < len(data) and start not in seen and len(seen) < MOST_DIRECTORIES:
        seen.add(start)
        pages += _is_page(whole, start)
        start = whole.at(_end(whole, start), whole.pointer)
    return pages > 1 or len(seen) == MOST_DIRECTORIES


def _is_page(whole: "_Bytes", start: int) -> bool:
    found = dict(_fields(whole, start, (SUBFILE, OLD_SUBFILE)))
    return not found.get(SUBFILE, 0) & (REDUCED | MASK) and found.get(OLD_SUBFILE) != OLD_REDUCED


def _end(whole: "_Bytes", start: int) -> int:
    return start + whole.counter + whole.entry * whole.at(start, whole.counter)


def _fields(whole: "_Bytes", start: int, wanted: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Tag and first value of a directory's whole-number fields of the wanted tags (TIFF 6.0, p. 14)."""
    room = (whole.size - start) // whole.entry
    count = max(0, min(whole.at(start, whole.counter), room, MOST_FIELDS))
    first = start + whole.counter
    for at in range(first, first + whole.entry * count, whole.entry):
        tag, size = whole.at(at, 2), WIDTHS.get(whole.at(at + 2, 2))
        if tag in wanted and size:
            value = at + 4 + whole.pointer
            small = size <= whole.pointer
            yield tag, whole.at(value if small else whole.at(value, whole.pointer), size)


class _Bytes:
    """Whole numbers of a file in its own byte order; past the end there are zeros.

    `pointer`, `counter` and `entry` are the bytes of a place, of a directory's count and of a field.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._little = data[:2] == b"II"
        self.size = len(data)
        wide = self.at(2, 2) == BIG
        self.pointer, self.counter, self.entry = (8, 8, 20) if wide else (4, 2, 12)

    def at(self, offset: int, size: int) -> int:
        return int.from_bytes(
            self._data[offset : offset + size], "little" if self._little else "big"
        )
