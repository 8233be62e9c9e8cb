"""What is read of a JPEG's header without Pillow is what Pillow reads, or nothing."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from classifier import preprocess
from classifier.errors import ClassifierError
from classifier.limits import ImageLimits
from classifier.manifest import Preprocessing
from classifier.plain import scanned, told
from classifier.preprocess import prepare

LIMITS = ImageLimits()
SPEC = Preprocessing(side=8, interpolation="bilinear")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
EXIF = Image.Exif()
EXIF[0x0112] = 6


def saved(mode="RGB", size=(24, 18), **options):
    random = np.random.default_rng(3)
    picture = Image.fromarray(random.integers(0, 256, (*size[::-1], 3), np.uint8)).convert(mode)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def with_segment(data, marker, body):
    return data[:2] + bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body + data[2:]


USUAL = {
    "color": saved(),
    "gray": saved("L"),
    "progressive": saved(progressive=True),
    "subsampled": saved(subsampling=2, quality=30),
    "restarting": saved(restart_marker_blocks=2),
    "commented": saved(comment=b"made by hand"),
    "profiled": saved(icc_profile=SRGB),
    "optimized": saved(optimize=True),
}
UNUSUAL = {
    "no picture": b"GIF89a and more",
    "empty": b"",
    "marker alone": b"\xff\xd8\xff",
    "turned": saved(exif=EXIF),
    "inks": saved("CMYK"),
    "two profiles": with_segment(USUAL["profiled"], 0xE2, b"ICC_PROFILE\0\1\1" + SRGB),
    "half a profile": with_segment(saved(), 0xE2, b"ICC_PROFILE\0\1\2" + SRGB),
    "empty profile": with_segment(saved(), 0xE2, b"ICC_PROFILE\0\1\1"),
    "several pictures": with_segment(saved(), 0xE2, b"MPF\0II*\0"),
    "turned by XMP": with_segment(saved(), 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
    "Photoshop's": with_segment(saved(), 0xED, b"Photoshop 3.0\0" + b"8BIM"),
    "short JFIF": with_segment(saved(), 0xE0, b"JFIF\0"),
    "padded": saved()[:2] + b"\xff" + saved()[2:],
    "junk between": saved()[:2] + b"junk" + saved()[2:],
}


@pytest.mark.parametrize("data", USUAL.values(), ids=USUAL)
def test_the_usual_is_read_as_pillow_reads_it(data):
    found = scanned(data, LIMITS)
    assert found is not None
    assert found == told(data, Image.open(io.BytesIO(data))) == scanned(memoryview(data), LIMITS)


@pytest.mark.parametrize("data", UNUSUAL.values(), ids=UNUSUAL)
def test_the_unusual_is_left_to_pillow(data):
    assert scanned(data, LIMITS) is None


@pytest.mark.parametrize(
    ("limits", "fits"),
    [
        (ImageLimits(24 * 18, 24), True),
        (ImageLimits(24 * 18 - 1, 24), False),
        (ImageLimits(24 * 18, 23), False),
    ],
)
def test_what_is_too_large_is_left_to_pillow(limits, fits):
    assert (scanned(saved(), limits) is not None) is fits


@pytest.mark.parametrize("data", [USUAL[name] for name in ("color", "gray", "profiled")])
def test_a_header_cut_anywhere_says_nothing(data):
    end = data.index(b"\xff\xda") + 2
    assert scanned(data[:end] + bytes(2), LIMITS) is not None
    assert not any(scanned(data[:cut], LIMITS) for cut in range(end))


def outcome(data):
    try:
        return prepare(data, SPEC, LIMITS).tobytes()
    except ClassifierError as error:
        return type(error), str(error)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["color", "gray", "progressive"])
def test_whatever_bit_of_a_header_is_flipped_the_answer_is_the_same_without_it(name, monkeypatch):
    data = USUAL[name]
    flipped = []
    for at in range(2, data.index(b"\xff\xda") + 12):
        for bit in (0, 3, 6, 7):
            one = bytearray(data)
            one[at] ^= 1 << bit
            flipped.append(bytes(one))
    own = [outcome(each) for each in flipped]
    monkeypatch.setattr(preprocess, "scanned", lambda *_: None)
    assert own == [outcome(each) for each in flipped]


@pytest.mark.parametrize(
    "data", [*USUAL.values(), UNUSUAL["turned"], UNUSUAL["inks"]], ids=[*USUAL, "turned", "inks"]
)
@pytest.mark.parametrize("how", ["bilinear", "nearest", "bicubic"])
def test_a_square_is_the_same_in_a_room_and_from_shared_memory(data, how):
    spec = Preprocessing(side=8, interpolation=how)
    room = np.full((8, 8, 3), 7, np.uint8)
    found = prepare(memoryview(data), spec, LIMITS, room)
    assert (found.shape, found.flags.c_contiguous) == ((8, 8, 3), True)
    assert np.array_equal(found, prepare(data, spec, LIMITS))


def test_the_usual_picture_is_scaled_into_its_room():
    room = np.full((8, 8, 3), 7, np.uint8)
    assert np.shares_memory(prepare(USUAL["color"], SPEC, LIMITS, room), room)
    assert (room != 7).any()
