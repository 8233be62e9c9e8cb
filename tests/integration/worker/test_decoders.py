"""What comes back from decoders: the pixels and the words of this process; and that they hold no secret."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifier.errors import InvalidImage, TooManyPixels, UnsupportedFormat
from classifier.manifest import Preprocessing
from classifier.preprocess import prepare
from local.samples import FOLDER
from tests.integration.decoding import COFFEE, LIMITS, SPEC, decoders, good
from tests.odd_pictures import KINDS, saved
from worker.decoder import tray

ROOT = Path(__file__).parents[3]

__all__ = ["decoders"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


async def test_a_decoder_sees_what_the_worker_would_have_seen(decoders):
    """Every odd picture, in the jail: whatever were still to be imported there would be missed."""
    base = Image.open(FOLDER / "chelsea.jpg").convert("RGB").resize((150, 120))
    for name, odd in KINDS.items():
        data = odd.make(base)
        inside = await decoders.prepare(data, SPEC)
        assert np.array_equal(inside, prepare(data, SPEC, LIMITS)), name
    assert inside.dtype == np.uint8


async def test_what_is_too_large_for_the_tray_goes_over_the_line(decoders):
    """In every mixture, so that neither way leaves anything behind for the other."""
    noise = np.random.default_rng(3).integers(0, 256, (1200, 1000, 3), np.uint8)
    files = {"small": COFFEE, "large": saved(Image.fromarray(noise), "PNG")}
    assert len(files["large"]) > tray.FILE
    specs = [SPEC, Preprocessing(side=640, interpolation="nearest")]
    assert specs[1].side ** 2 * 3 > tray.SQUARE
    for _ in range(2):
        for data in files.values():
            for spec in specs:
                inside = await decoders.prepare(data, spec)
                assert np.array_equal(inside, prepare(data, spec, LIMITS))


async def test_a_picture_is_not_changed_by_the_next_one(decoders):
    white, black = (saved(Image.new("RGB", (64, 64), color), "PNG") for color in ("white", "black"))
    first = [await decoders.prepare(white, SPEC) for _ in range(4)]
    assert all([(await decoders.prepare(black, SPEC) == 0).all() for _ in range(4)])
    assert all((each == 255).all() for each in first)


async def test_damaged_pictures_are_refused_in_the_same_words(decoders):
    random = np.random.default_rng(7)
    base = Image.open(FOLDER / "chelsea.jpg").convert("RGB").resize((60, 48))
    files = [odd.make(base) for odd in KINDS.values() if odd.make(base)[:4] != b"RIFF"]
    for data in files:
        broken = bytearray(data)
        for at in random.integers(0, len(data), 3):
            broken[at] = random.integers(0, 256)
        assert await outcome(decoders, bytes(broken)) == direct(bytes(broken))


async def outcome(decoders, data):
    try:
        return (await decoders.prepare(data, SPEC)).tobytes()
    except Exception as error:
        return type(error), str(error)[:100]


def direct(data):
    try:
        return prepare(data, SPEC, LIMITS).tobytes()
    except Exception as error:
        text = str(error)[:100].encode("ascii", "replace").decode()
        return type(error), "".join(each if " " <= each <= "~" else "?" for each in text)


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (b"<svg/>", UnsupportedFormat, "no picture of a known format"),
        (COFFEE[:3000], InvalidImage, "broken"),
        (saved(Image.new("1", (8000, 8000)), "PNG"), TooManyPixels, "8000 x 8000"),
    ],
)
async def test_refusals_come_back_whole(decoders, data, error, text):
    with pytest.raises(error, match=text):
        await decoders.prepare(data, SPEC)
    assert good(await decoders.prepare(COFFEE, SPEC))


looking = pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into a decoder")


@looking
async def test_a_decoder_holds_no_secret(decoders):
    assert len(decoders.idle) == 2
    for pid in (decoders.nursery, *decoders.idle):
        environment = of(pid, "environ")
        assert "PATH=" in environment
        for secret in ("open-sesame", "AWS", "CLASSIFYCLOUD"):
            assert secret not in environment
        assert "open-sesame" not in of(pid, "cmdline")


@looking
async def test_a_decoder_is_locked_in(decoders):
    for pid in decoders.idle:
        status = dict(line.split(":\t", 1) for line in of(pid, "status").splitlines())
        assert (status["Seccomp"], status["NoNewPrivs"], status["Threads"]) == ("2", "1", "1")
        for name, most in [("core file", 0), ("file", 0), ("open files", 3), ("processes", 0)]:
            line = next(each for each in of(pid, "limits").splitlines() if f"Max {name}" in each)
            assert line.split()[-3] == str(most)
        assert int(of(pid, "oom_score_adj")) == 1000
        links = [str(each.readlink()) for each in folder(pid, "fd").iterdir()]
        assert sorted(each.split(":")[0] for each in links) == ["/dev/null"] * 3 + ["socket"]


def folder(pid, name):
    return Path(f"/proc/{pid}") / name


def of(pid, name):
    return folder(pid, name).read_text()
