"""Color profiles that are valid are obeyed, all others are passed over, and none costs without end."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from classifier.preprocess import ImageLimits, decode
from classifier.profiles import LARGEST, to_srgb
from tests import color_profiles as profiles
from tests.odd_pictures import SWAPPED, saved

RED = Image.new("RGB", (32, 32), (255, 0, 0))


def color(data):
    return tuple(np.asarray(decode(data, ImageLimits()))[0, 0])


def test_what_the_profile_calls_red_is_green():
    assert color(saved(RED, "PNG", icc_profile=profiles.rgb(SWAPPED)))[:2] == pytest.approx(
        (0, 255), abs=3
    )


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_transparency_stays_what_it_was(mode):
    picture = Image.new("RGBA", (32, 32), (255, 0, 0, 0)).convert(mode)
    options = {"transparency": 0} if mode == "P" else {}
    data = saved(picture, "PNG", icc_profile=profiles.rgb(SWAPPED), **options)
    assert color(data) == (255, 255, 255)


def test_a_profile_that_says_srgb_costs_nothing():
    for srgb in (ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),):
        assert to_srgb(srgb, "RGB") is None


def test_a_profile_that_is_nearly_srgb_is_not_taken_for_it():
    assert to_srgb(profiles.rgb(profiles.SRGB, 1.8), "RGB") is not None


def test_a_valid_profile_of_other_colors_is_passed_over():
    assert to_srgb(profiles.cmyk(), "RGB") is None
    assert to_srgb(profiles.rgb(SWAPPED), "CMYK") is None
    assert to_srgb(profiles.rgb(SWAPPED), "L") is None


def test_an_enormous_profile_is_passed_over():
    large = profiles.rgb(SWAPPED) + bytes(LARGEST)
    assert to_srgb(large, "RGB") is None
    assert color(saved(RED, "TIFF", icc_profile=large)) == (255, 0, 0)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_profile_harms_nobody(seed):
    random = np.random.default_rng(seed)
    whole = bytearray((profiles.rgb(SWAPPED), profiles.cmyk(points=3))[seed % 2])
    for at in random.integers(0, len(whole), 8):
        whole[at] = random.integers(0, 256)
    picture = RED if seed % 2 == 0 else RED.convert("CMYK")
    assert decode(saved(picture, "JPEG", icc_profile=bytes(whole)), ImageLimits()).mode == "RGB"


def test_an_inflated_profile_of_a_megabyte_and_a_half_is_read():
    data = saved(RED, "PNG", icc_profile=profiles.rgb(SWAPPED) + bytes(3 * 2**19))
    assert color(data)[1] > 250


def test_a_profile_that_does_not_inflate_is_passed_over():
    data = saved(RED, "PNG")
    body = b"iCCPx\0\0" + b"no deflate at all"
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    assert color(data[:33] + chunk + data[33:]) == (255, 0, 0)
