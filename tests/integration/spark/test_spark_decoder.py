"""The decoder of bulk classification: a process, and what becomes of pictures that break it."""

import io

import numpy as np
import pytest
from PIL import Image

from classifier.manifest import Preprocessing
from classifier.preprocess import ImageLimits, prepare
from training.spark.bulk import decoder
from training.spark.bulk.decoder import CRASHED, Decoder, Refused

SPEC = Preprocessing(side=16)


def picture(level: int) -> bytes:
    room = io.BytesIO()
    Image.new("RGB", (40, 30), (level, 10, 200)).save(room, "PNG")
    return room.getvalue()


@pytest.fixture
def decoding():
    decoding = Decoder(SPEC)
    yield decoding
    decoding.close()


def test_pictures_are_what_preprocessing_makes_them(decoding):
    for level in (0, 90):
        data = picture(level)
        expected = prepare(data, SPEC, ImageLimits())
        np.testing.assert_array_equal(decoding.prepare(data), expected)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no picture", "unsupported_format"),
        (b"", "unsupported_format"),
        (picture(1)[:60], "invalid_image"),
    ],
)
def test_others_are_refused_by_code_and_the_next_is_decoded(decoding, data, code):
    with pytest.raises(Refused) as refused:
        decoding.prepare(data)
    assert refused.value.code == code
    assert decoding.prepare(picture(3)).shape == (16, 16, 3)


def test_a_picture_that_ends_the_process_is_refused_and_the_next_is_decoded(decoding, monkeypatch):
    decoding.prepare(picture(3))
    asked = decoding._asked

    def deadly(data: bytes):
        if data == b"deadly":
            decoding._running().kill()
        return asked(data)

    monkeypatch.setattr(decoding, "_asked", deadly)
    with pytest.raises(Refused) as refused:
        decoding.prepare(b"deadly")
    assert refused.value.code == CRASHED
    assert decoding.prepare(picture(3)).shape == (16, 16, 3)


def test_a_process_that_died_between_two_pictures_costs_neither(decoding):
    decoding.prepare(picture(3))
    process = decoding._running()
    process.kill()
    process.wait()
    np.testing.assert_array_equal(
        decoding.prepare(picture(9)), prepare(picture(9), SPEC, ImageLimits())
    )


def test_one_that_takes_too_long_is_refused(decoding, monkeypatch):
    monkeypatch.setattr(decoder, "PATIENCE", 0.0)
    with pytest.raises(Refused, match="longer"):
        decoding.prepare(picture(3))
