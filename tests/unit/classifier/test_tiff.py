"""A TIFF of few pixels in one enormous tile is refused before the tile is allocated, and so are pages."""

import io
import struct
import zlib

import pytest
from PIL import Image

from classifier.errors import ClassifierError, TooManyPixels, UnsupportedFormat
from classifier.manifest import Preprocessing
from classifier.preprocess import ImageLimits, prepare
from classifier.tiff import has_pages, tile

SPEC = Preprocessing(side=64, resize=64)
SHORT, LONG, FLOAT, LONG8 = 3, 4, 11, 16
CODES = {SHORT: "H", LONG: "I", FLOAT: "f", LONG8: "Q"}


def tiled(*tiles, order="<", big=False, side=64, body=b""):
    """A deflated RGB picture; `tiles` are the fields (tag, type, value) to announce them with."""
    pointer, counter = ("Q", "Q") if big else ("I", "H")
    room = struct.calcsize(pointer)
    start = 16 if big else 8
    fields = [(256, LONG, side), (257, LONG, side), (258, SHORT, 8), (259, SHORT, 8)]
    fields += [(262, SHORT, 2), (277, SHORT, 3), *tiles, (324, LONG, start), (325, LONG, len(body))]
    entries = [
        struct.pack(f"{order}HH{pointer}", tag, kind, 1)
        + struct.pack(order + CODES[kind], value).ljust(room, b"\0")
        for tag, kind, value in fields
    ]
    head = struct.pack(order + "HHH", 43, 8, 0) if big else struct.pack(order + "H", 42)
    directory = struct.pack(order + counter, len(entries)) + b"".join(entries) + bytes(room)
    name = b"II" if order == "<" else b"MM"
    return name + head + struct.pack(order + pointer, start + len(body)) + body + directory


def sized(width, height, kind=LONG):
    return (322, kind, width), (323, kind, height)


KINDS = [(False, SHORT), (False, LONG), (True, SHORT), (True, LONG), (True, LONG8)]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("big", "kind"), KINDS)
def test_tiles_are_found_in_each_layout(order, big, kind):
    data = tiled(*sized(20_000, 300, kind), order=order, big=big)
    assert tile(data, 16 if big else 8) == (20_000, 300)


@pytest.mark.parametrize(("big", "order"), [(False, "<"), (False, ">"), (True, "<")])
def test_an_enormous_tile_is_refused(order, big):
    data = tiled(*sized(20_000, 20_000), order=order, big=big)
    with pytest.raises(TooManyPixels, match="tiles of 20000 x 20000"):
        prepare(data, SPEC, ImageLimits())


def test_a_directory_that_pillow_finds_where_the_header_does_not_point_is_checked():
    """Pillow takes the second word of a big-endian BigTIFF's header for the place."""
    data = tiled(*sized(20_000, 20_000), order=">", big=True)
    assert tile(bytes(0x80000 - 16).join((data[:16], data[16:])), 0x80000) == (20_000, 20_000)


def test_a_value_elsewhere_in_the_file_is_followed():
    at = 8
    body = struct.pack("<Q", 20_000)
    data = tiled((322, LONG, at), (323, LONG, 20_000), body=body)
    pointing = struct.pack("<HHII", 322, LONG, 1, at)
    data = data.replace(pointing, struct.pack("<HHII", 322, LONG8, 1, at))
    assert tile(data, 8 + len(body)) == (20_000, 20_000)


def test_a_second_smaller_field_hides_nothing():
    large, small = sized(20_000, 20_000), sized(64, 64)
    data = tiled(large[0], small[0], large[1], small[1])
    with pytest.raises(TooManyPixels):
        prepare(data, SPEC, ImageLimits())


def test_an_ordinary_tile_beyond_the_border_is_read():
    body = zlib.compress(bytes((255, 0, 0)) * 128 * 128)
    square = prepare(tiled(*sized(128, 128), body=body), SPEC, ImageLimits())
    assert (square == (255, 0, 0)).all()


@pytest.mark.parametrize(
    "tiles",
    [sized(2.0**20, 2.0**20, FLOAT), sized(0, 0), sized(2**32 - 1, 2**32 - 1), [(322, LONG, 64)]],
    ids=["fractions", "zero", "largest", "half"],
)
def test_tiles_that_make_no_sense_are_refused(tiles):
    with pytest.raises(ClassifierError):
        prepare(tiled(*tiles), SPEC, ImageLimits())


@pytest.mark.parametrize("data", [b"", b"II*\0", b"II+\0" + b"\xff" * 40, b"MM\0*" + b"\xff" * 40])
def test_a_directory_outside_the_file_has_no_tiles(data):
    assert [tile(data, start) for start in (0, 8, 2**40)] == [(0, 0)] * 3


def test_a_picture_in_strips_has_no_tiles():
    assert tile(tiled(), 8) == (0, 0)


def several(*kinds):
    """A TIFF of as many pages, each saying of itself what `kinds` give as (tag, value)."""
    frames = [Image.new("RGB", (16, 16), "red") for _ in kinds]
    for frame, kind in zip(frames, kinds, strict=True):
        frame.encoderinfo = {"tiffinfo": dict([kind] if kind else [])}
    buffer = io.BytesIO()
    frames[0].save(buffer, "TIFF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


@pytest.mark.parametrize(
    "kinds",
    [(None, None), (None, (254, 2)), (None, (254, 1), None), (None, (255, 3)), (None,) * 300],
    ids=["plain", "page", "behind a thumbnail", "old page", "three hundred"],
)
def test_a_tiff_of_several_pages_is_refused(kinds):
    with pytest.raises(UnsupportedFormat, match="several pages"):
        prepare(several(*kinds), SPEC, ImageLimits())


@pytest.mark.parametrize("kind", [(254, 1), (254, 4), (254, 5), (255, 2)])
def test_small_versions_and_masks_are_no_pages(kind):
    assert (prepare(several(None, kind), SPEC, ImageLimits()) == (255, 0, 0)).all()


def test_directories_that_go_in_circles_are_walked_once():
    data = bytearray(several(None, (254, 1)))
    start = int.from_bytes(data[4:8], "little")
    end = start + 2 + 12 * int.from_bytes(data[start : start + 2], "little")
    second = int.from_bytes(data[end : end + 4], "little")
    last = second + 2 + 12 * int.from_bytes(data[second : second + 2], "little")
    data[last : last + 4] = start.to_bytes(4, "little")
    assert not has_pages(bytes(data), start)
