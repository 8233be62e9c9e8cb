"""The network for all cores and those for one core each give the same scores."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifier.bundle import Bundle
from classifier.catalog import Catalog
from classifier.engines import shelf
from classifier.engines.openvino import PORTION, OpenVinoEngine, cores
from classifier.labels import ranked
from tests.color_bundle import write
from worker.bundled import BundledModel
from worker.models import Wanted

LANES = 3
SAMPLES = Path(__file__).resolve().parents[3] / "local" / "samples"


@pytest.fixture(scope="module")
def bundle():
    return Catalog().find()


@pytest.fixture(scope="module")
def engine(bundle):
    return OpenVinoEngine.load(bundle, threads=LANES)


@pytest.fixture(scope="module")
def pictures(bundle):
    """Nine squares of the sample photos."""
    side = bundle.manifest.preprocessing.side
    found = []
    for path in sorted(SAMPLES.glob("*.jpg")):
        with Image.open(path) as photo:
            whole = np.asarray(photo.convert("RGB").resize((4 * side, 4 * side)))
        parts = whole.reshape(4, side, 4, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
        found += [*parts[::3]]
    return np.stack(found[:9])


def test_one_core_scores_as_all_do(engine, pictures):
    assert (engine.lanes, engine.ahead, engine.portion) == (LANES, LANES, PORTION)
    whole, beside = engine.predict(pictures), engine.predict_beside(pictures)
    assert len({row.argmax() for row in whole}) > 1  # else equality would say little
    np.testing.assert_allclose(beside, whole, atol=1e-5)


def test_lanes_at_once_do_not_mix_their_pictures(engine, pictures):
    expected = engine.predict(pictures)
    with ThreadPoolExecutor(3 * LANES) as pool:  # more callers than it takes in: some wait
        asked = [(at, size) for size in (1, 2, 4) for at in range(len(pictures) - size + 1)] * 4
        found = list(
            pool.map(lambda each: engine.predict_beside(pictures[each[0] : sum(each)]), asked)
        )
    for (at, size), scores in zip(asked, found, strict=True):
        np.testing.assert_allclose(scores, expected[at : at + size], atol=1e-5)


def test_scores_stay_when_a_lane_goes_on(tmp_path):
    bundle = Bundle.load(write(tmp_path))
    engine = OpenVinoEngine.load(bundle, threads=1)
    side = bundle.manifest.preprocessing.side
    black = np.zeros((1, side, side, 3), np.uint8)
    first = engine.predict_beside(black)
    kept = first.copy()
    engine.predict_beside(black + 200)
    np.testing.assert_array_equal(first, kept)


def test_a_model_names_what_the_engine_scores(engine, bundle, pictures):
    model = BundledModel(bundle, engine)
    assert (model.lanes, model.ahead, model.portion) == (engine.lanes, engine.ahead, engine.portion)
    expected = [
        [bundle.labels[at].name for at, _ in ranked(row, 3)] for row in engine.predict(pictures)
    ]
    for way in (model.classify, model.classify_beside):
        found = way(list(pictures), [Wanted(3)] * len(pictures))
        assert [[label.name for label in labels] for labels in found] == expected
    alone = model.classify([pictures[4]], [Wanted(3)])[0]
    assert [label.name for label in alone] == expected[4]


def test_a_picture_that_must_not_be_written_to_is_classified_too(engine, bundle, pictures):
    sealed = np.frombuffer(pictures[3].tobytes(), np.uint8).reshape(pictures[3].shape)
    assert not sealed.flags.writeable
    model = BundledModel(bundle, engine)
    asked = [Wanted(2)]
    assert model.classify([sealed], asked) == model.classify([pictures[3]], asked)
    turned = pictures[:2].transpose(0, 2, 1, 3)  # nor is it one piece of memory
    np.testing.assert_allclose(engine.predict(turned), engine.predict(turned.copy()), atol=1e-5)


def test_there_is_a_lane_for_each_core_where_nothing_is_said(bundle):
    engine = shelf.load("openvino", bundle, None, None)
    assert engine.lanes == cores() >= 1


def test_pictures_that_do_not_fit_are_refused_and_the_next_are_not(engine, pictures):
    with pytest.raises(RuntimeError):
        engine.predict_beside(pictures.astype(np.float32))
    assert engine.predict_beside(pictures[:1]).shape[0] == 1


@pytest.fixture
def lock_kept():
    """Whoever holds Python's lock keeps it until it waits for something."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(before)


@pytest.mark.skipif(cores() < 2, reason="the engine needs a core beside the one that is kept busy")
def test_a_batch_that_waits_inside_begins_though_others_have_pythons_lock(
    bundle, pictures, lock_kept
):
    engine = OpenVinoEngine.load(bundle, threads=1)
    batch = np.concatenate([pictures] * 30)
    engine.predict_beside(batch)
    start = time.monotonic()
    engine.predict_beside(batch)
    one = time.monotonic() - start
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(engine.predict_beside, batch) for _ in range(2)]
        time.sleep(one / 4)  # they are inside, and the first of them runs
        busy_until = time.monotonic() + 8 * one
        while time.monotonic() < busy_until:
            pass
        start = time.monotonic()
        for each in both:
            each.result()
        left = time.monotonic() - start
    assert left < one / 2
