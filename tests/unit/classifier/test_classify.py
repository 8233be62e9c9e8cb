"""The engine and the labels of one bundle work together; the network here is small but real."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from classifier.bundle import Bundle, sha256
from classifier.classify import Classifier
from classifier.engines.openvino import OpenVinoEngine
from classifier.errors import BundleBroken
from tests.color_bundle import COLORS, SIDE, write


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return Bundle.load(write(tmp_path_factory.mktemp("bundles")))


@pytest.fixture(scope="module")
def classifier(bundle):
    return Classifier(OpenVinoEngine.load(bundle, threads=1), bundle)


def painted(color):
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    picture[..., COLORS.index(color)] = 200
    return picture


def test_each_picture_gets_its_own_labels(classifier):
    answers = classifier.classify([painted(color) for color in ("blue", "red", "green")], 1)
    assert [[label.name for label in labels] for labels in answers] == [
        ["blue"],
        ["red"],
        ["green"],
    ]
    assert all(0.9 < labels[0].confidence <= 1 for labels in answers)


def test_an_empty_batch_gives_no_answers(classifier):
    assert classifier.classify([]) == []


@pytest.mark.parametrize("count", [1, 2, 7, 16])
def test_scores_do_not_depend_on_the_batch(classifier, count):
    pictures = np.random.default_rng(0).integers(0, 256, (count, SIDE, SIDE, 3), np.uint8)
    together = classifier.engine.predict(pictures)
    alone = np.concatenate([classifier.engine.predict(picture[None]) for picture in pictures])
    assert (together.shape, together.dtype) == ((count, len(COLORS)), np.float32)
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-3)


def test_answers_stay_when_the_engine_goes_on(classifier):
    first = classifier.engine.predict(painted("red")[None])
    before = first.copy()
    classifier.engine.predict(painted("blue")[None])
    np.testing.assert_array_equal(first, before)


def test_several_threads_may_ask_at_once(classifier):
    colors = list(COLORS) * 20
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda color: classifier.classify([painted(color)], 1), colors))
    assert [answer[0][0].name for answer in answers] == colors


def test_a_network_that_openvino_cannot_read_is_named(tmp_path):
    folder = write(tmp_path)
    (folder / "model.xml").write_text("<net")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["model.xml"] = sha256(folder / "model.xml")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleBroken, match=r"model\.xml"):
        OpenVinoEngine.load(Bundle.load(folder))
