"""Odd but good pictures look and are classified like their plain RGB twins."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifier.catalog import Catalog
from classifier.classify import Classifier
from classifier.engines.openvino import OpenVinoEngine
from classifier.preprocess import ImageLimits, prepare
from local.samples import FOLDER
from tests.odd_pictures import KINDS, PHOTOS, named_alike, saved

ARITHMETIC = Path(__file__).parents[2] / "photos" / "espresso-arithmetic.jpg"
LANCZOS = Image.Resampling.LANCZOS
# Mean of 256 steps that a picture may be off its twin: lossy formats and gamma tables.
NEAR = 4.0


@pytest.fixture(scope="module")
def classifier():
    bundle = Catalog().find()
    return Classifier(OpenVinoEngine.load(bundle, threads=1), bundle)


@pytest.fixture(scope="module", params=PHOTOS)
def base(request):
    return Image.open(FOLDER / request.param).convert("RGB").resize(PHOTOS[request.param])


@pytest.mark.parametrize("name", KINDS)
def test_an_odd_picture_is_seen_as_its_twin(classifier, base, name):
    spec = classifier.bundle.manifest.preprocessing
    odd = KINDS[name]
    files = odd.make(base), saved(odd.twin(base), "PNG")
    pictures = [prepare(data, spec, ImageLimits()) for data in files]
    off = np.abs(pictures[0].astype(int) - pictures[1])
    assert off.mean() < NEAR
    (first, _), (second, runner_up) = classifier.classify(pictures, 2)
    lead = second.confidence - runner_up.confidence
    assert named_alike(first.name, second.name, runner_up.name, lead)


def test_the_photos_differ_and_so_would_a_picture_that_is_read_wrong(classifier):
    """The comparison above can fail: a photo is not classified like its negative or another photo."""
    spec = classifier.bundle.manifest.preprocessing
    photos = [Image.open(FOLDER / name).convert("RGB").resize((300, 240)) for name in PHOTOS]
    photos += [Image.eval(each, lambda value: 255 - value) for each in photos]
    rows = [prepare(saved(each, "PNG"), spec, ImageLimits()) for each in photos]
    assert len({row[0].name for row in classifier.classify(rows, 1)}) >= 3


def test_a_jpeg_in_arithmetic_code_is_read(classifier):
    """Made of local/samples/coffee.jpg, 240 x 160, by `jpegtran -arithmetic`: Pillow cannot write one."""
    spec = classifier.bundle.manifest.preprocessing
    photo = Image.open(FOLDER / "coffee.jpg").convert("RGB").resize((240, 160), LANCZOS)
    files = (ARITHMETIC.read_bytes(), saved(photo, "PNG"))
    assert b"\xff\xc9" in files[0], "start of a frame in arithmetic code"
    pictures = [prepare(data, spec, ImageLimits()) for data in files]
    assert np.abs(pictures[0].astype(int) - pictures[1]).mean() < NEAR
    (first,), (second,) = classifier.classify(pictures, 1)
    assert first.name == second.name == "espresso"
