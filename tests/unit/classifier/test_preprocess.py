"""Every picture that people send becomes the square that the network expects, or a clear error."""

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from classifier.errors import InvalidImage, TooManyPixels, UnsupportedFormat
from classifier.manifest import Preprocessing
from classifier.preprocess import FORMATS, ImageLimits, decode, prepare
from classifier.webp import canvas

SPEC = Preprocessing(side=64, resize=64)
LIMITS = ImageLimits()
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def encoded(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(width, height, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def png_header(width, height):
    """A PNG that announces a size and holds no pixel."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + checksum


def near(picture, color, tolerance=6):
    return np.abs(np.asarray(picture, int) - color).max() <= tolerance


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_read(kind):
    data = encoded(Image.new("RGB", (90, 70), RED), kind)
    square = prepare(data, SPEC, LIMITS)
    assert (square.shape, square.dtype, square.flags.c_contiguous) == ((64, 64, 3), np.uint8, True)
    assert near(square, RED)


def test_a_picture_of_the_inputs_size_passes_unchanged():
    picture = noise(64, 64)
    assert np.array_equal(prepare(encoded(picture), SPEC, LIMITS), np.asarray(picture))


def test_the_central_square_is_taken():
    picture = Image.new("RGB", (300, 100), BLUE)
    picture.paste(RED, (100, 0, 200, 100))
    assert near(prepare(encoded(picture), SPEC, LIMITS)[:, 2:-2], RED)


def test_without_resize_the_whole_picture_is_squeezed():
    picture = Image.new("RGB", (200, 100), BLUE)
    picture.paste(RED, (0, 0, 100, 100))
    square = prepare(encoded(picture), Preprocessing(side=64), LIMITS)
    assert near(square[:, :28], RED)
    assert near(square[:, -28:], BLUE)


def test_resize_above_side_cuts_the_border_away():
    picture = Image.new("RGB", (128, 128), BLUE)
    picture.paste(RED, (24, 24, 104, 104))
    spec = Preprocessing(side=64, resize=128)
    assert near(prepare(encoded(picture), spec, LIMITS), RED)


def test_scaling_down_averages_instead_of_skipping_pixels():
    board = np.indices((512, 512)).sum(axis=0) % 2 * 255
    square = prepare(encoded(Image.fromarray(board.astype(np.uint8))), SPEC, LIMITS)
    assert abs(float(square.mean()) - 127.5) < 2
    assert square.std() < 8


def test_nearest_takes_pixels_as_they_are():
    picture = noise(640, 640)
    spec = Preprocessing(side=64, resize=64, interpolation="nearest", detail=3)
    square = prepare(encoded(picture), spec, LIMITS)
    pixels = {tuple(pixel) for pixel in np.asarray(picture).reshape(-1, 3).tolist()}
    assert all(tuple(pixel) in pixels for pixel in square.reshape(-1, 3).tolist())


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos", "box", "nearest"])
def test_each_interpolation_passes_a_picture_of_the_inputs_size(interpolation):
    picture = noise(64, 64)
    spec = Preprocessing(side=64, resize=64, interpolation=interpolation)
    assert np.array_equal(prepare(encoded(picture), spec, LIMITS), np.asarray(picture))


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (63, 65)])
def test_odd_shapes_become_squares(size):
    assert prepare(encoded(Image.new("RGB", size, RED)), SPEC, LIMITS).shape == (64, 64, 3)


@pytest.mark.parametrize(
    ("mode", "color"),
    [
        ("L", 200),
        ("1", 1),
        ("CMYK", (0, 0, 0, 55)),
        ("LA", (200, 255)),
        ("P", 0),
        ("YCbCr", (200, 128, 128)),
    ],
)
def test_color_modes_become_rgb(mode, color):
    picture = Image.new(mode, (64, 64), color)
    if mode == "P":
        picture.putpalette([200, 200, 200])
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG"}.get(mode, "PNG")
    expected = 255 if mode == "1" else 200
    assert near(prepare(encoded(picture, kind), SPEC, LIMITS), (expected,) * 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_shows_the_background(mode):
    clear = Image.new(mode, (64, 64))
    assert near(decode(encoded(clear), LIMITS), WHITE)
    assert near(decode(encoded(clear), LIMITS, background=(0, 0, 255)), (0, 0, 255))


def test_half_transparency_mixes_with_the_background():
    half = Image.new("RGBA", (64, 64), (255, 0, 0, 128))
    assert near(decode(encoded(half), LIMITS), (255, 127, 127))


def test_a_transparent_palette_entry_shows_the_background():
    picture = Image.new("P", (64, 64), 1)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    for kind in ("GIF", "PNG"):
        assert near(decode(encoded(picture, kind, transparency=1), LIMITS), WHITE)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_brightness(kind):
    ramp = np.repeat(np.linspace(0, 65535, 64).astype(np.uint16)[None], 64, axis=0)
    gray = np.asarray(decode(encoded(Image.fromarray(ramp), kind), LIMITS))[0, :, 0].astype(int)
    assert np.abs(gray - np.linspace(0, 255, 64)).max() <= 1


def test_dark_sixteen_bits_stay_dark():
    dark = Image.fromarray(np.full((64, 64), 200, np.uint16))
    assert near(decode(encoded(dark), LIMITS), (0, 0, 0), 1)


@pytest.mark.parametrize(
    ("value", "expected"), [(0.5, 128), (200.0, 200), (float("nan"), 0), (-3.0, 0), (1e30, 255)]
)
def test_float_samples_become_eight_bits(value, expected):
    picture = Image.fromarray(np.full((64, 64), value, np.float32))
    assert near(decode(encoded(picture, "TIFF"), LIMITS), (expected,) * 3, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, (0, 0)), (3, (1, 1)), (6, (0, 1)), (8, (1, 0))]
)
def test_exif_orientation_turns_the_picture_upright(kind, orientation, corner):
    picture = Image.new("RGB", (64, 64), BLUE)
    picture.paste(RED, (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = decode(encoded(picture, kind, exif=exif), LIMITS)
    row, column = corner
    assert near(np.asarray(upright)[row * 32 + 16, column * 32 + 16], RED, 40)


def test_broken_exif_is_passed_over():
    data = encoded(Image.new("RGB", (64, 64), RED), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff\1")
    assert near(prepare(data, SPEC, LIMITS), RED)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF", "MPO"])
def test_of_an_animation_the_first_frame_counts(kind):
    frames = [Image.new("RGB", (64, 64), color) for color in (RED, BLUE)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    assert near(prepare(data, SPEC, LIMITS), RED)


def test_a_large_jpeg_is_decoded_small_but_never_too_small():
    data = encoded(Image.new("RGB", (2000, 1600), RED), "JPEG")
    assert decode(data, LIMITS).size == (2000, 1600)
    small = decode(data, LIMITS, enough=64)
    assert min(small.size) >= 64
    assert max(small.size) <= 260


@pytest.mark.parametrize(
    "data",
    [b"", b"<html><body>404 Not Found</body></html>", b"\0" * 100, b"%PDF-1.7", b"<svg></svg>"],
    ids=["empty", "html", "zeros", "pdf", "svg"],
)
def test_what_is_no_picture_is_unsupported(data):
    with pytest.raises(UnsupportedFormat, match="JPEG"):
        prepare(data, SPEC, LIMITS)


@pytest.mark.parametrize("kind", ["PPM", "ICO", "JPEG2000", "TGA", "EPS", "DDS", "PCX", "ICNS"])
def test_formats_outside_the_list_are_unsupported(kind):
    with pytest.raises(UnsupportedFormat):
        prepare(encoded(Image.new("RGB", (64, 64), RED), kind), SPEC, LIMITS)


def test_lab_colors_are_read():
    gray = Image.new("LAB", (64, 64), (255, 128, 128))
    assert decode(encoded(gray, "TIFF"), LIMITS).mode == "RGB"


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.03, 0.5, 0.9])
def test_a_picture_cut_short_is_refused(kind, share):
    data = encoded(noise(200, 200), kind)
    with pytest.raises((InvalidImage, UnsupportedFormat)):
        prepare(data[: int(len(data) * share)], SPEC, LIMITS)


@pytest.mark.parametrize("start", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0"])
def test_a_signature_alone_is_a_broken_picture(start):
    with pytest.raises(InvalidImage):
        prepare(start, SPEC, LIMITS)


@pytest.mark.parametrize("size", [(20_000, 20_000), (10_000, 5_001), (2**31 - 1, 1)])
def test_too_many_pixels_are_refused_from_the_header_alone(size):
    with pytest.raises(TooManyPixels):
        prepare(png_header(*size), SPEC, LIMITS)


@pytest.mark.parametrize("size", [(16_385, 1), (1, 16_385)])
def test_a_side_too_long_is_refused_from_the_header_alone(size):
    with pytest.raises(TooManyPixels, match="16384 a side"):
        prepare(png_header(*size), SPEC, LIMITS)
    assert prepare(encoded(Image.new("L", (16_384, 1))), SPEC, LIMITS).shape == (64, 64, 3)
    with pytest.raises(TooManyPixels):
        prepare(encoded(Image.new("L", (101, 1))), SPEC, ImageLimits(side=100))


def webp_head(kind, body):
    return b"RIFF" + struct.pack("<I", 4 + 8 + len(body)) + b"WEBP" + kind + body


@pytest.mark.parametrize(
    "data",
    [
        webp_head(b"VP8X", struct.pack("<I", 10) + bytes(4) + b"\xfe\x3f\0\xfe\x3f\0"),
        webp_head(b"VP8L", struct.pack("<IBI", 5, 0x2F, 0x3FFE | 0x3FFE << 14) + bytes(5)),
        webp_head(b"VP8 ", struct.pack("<I", 10) + b"\0\0\0\x9d\1\x2a\xff\x3f\xff\x3f"),
    ],
    ids=["extended", "lossless", "lossy"],
)
def test_a_webp_is_measured_before_its_canvas_is_allocated(data):
    with pytest.raises(TooManyPixels, match="16383 x 16383"):
        prepare(data, SPEC, LIMITS)


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"save_all": True}, {"exif": b"x"}])
@pytest.mark.parametrize("size", [(1, 1), (90, 70), (5, 300)])
def test_the_canvas_of_a_webp_is_its_size(options, size):
    assert canvas(encoded(noise(*size), "WEBP", **options)) == size


def test_the_limit_is_a_parameter_and_inclusive():
    data = encoded(noise(100, 100))
    assert prepare(data, SPEC, ImageLimits(pixels=10_000)).shape == (64, 64, 3)
    with pytest.raises(TooManyPixels, match="100 x 100"):
        prepare(data, SPEC, ImageLimits(pixels=9_999))


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_bytes_never_raise_anything_else(kind):
    data = bytearray(encoded(noise(48, 40), kind))
    random = np.random.default_rng(1)
    for _ in range(40):
        broken = bytearray(data)
        for at in random.integers(0, len(data), 6):
            broken[at] = random.integers(0, 256)
        with contextlib.suppress(InvalidImage, UnsupportedFormat, TooManyPixels):
            assert prepare(bytes(broken), SPEC, LIMITS).shape == (64, 64, 3)
