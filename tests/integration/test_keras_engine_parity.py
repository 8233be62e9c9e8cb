"""The Keras engine against the model it was loaded from, in float32 and in bfloat16."""

import numpy as np
import pytest

from classifier.catalog import Catalog

keras = pytest.importorskip("keras")

PICTURES = 5  # filled up to eight


@pytest.fixture(scope="module")
def bundle():
    return Catalog().find()


@pytest.fixture(scope="module")
def pictures(bundle):
    side = bundle.manifest.preprocessing.side
    noise = np.random.default_rng(1).integers(0, 256, (PICTURES, 8, 8, 3), np.uint8)
    return noise.repeat(side // 8, axis=1).repeat(side // 8, axis=2)


@pytest.fixture(scope="module")
def model(bundle):
    return keras.saving.load_model(bundle.keras, compile=False)


@pytest.fixture(scope="module")
def reference(model, pictures):
    logits = model.predict_on_batch(pictures.astype(np.float32))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_filled_batches_score_as_the_model_does(bundle, pictures, reference):
    from classifier.engines.keras import KerasEngine

    engine = KerasEngine.load(bundle, portion=2)
    scores = engine.predict(pictures)
    assert (scores.shape, scores.dtype) == (reference.shape, np.float32)
    np.testing.assert_allclose(scores, reference, atol=1e-5)


def test_half_precision_changes_no_answer(model, pictures, reference):
    from classifier.engines import backends
    from classifier.engines.keras import KerasEngine, halved

    half = halved(model)
    kinds = [layer.compute_dtype for layer in half.layers if layer.weights]
    assert kinds[-1] == "float32"
    assert set(kinds[:-1]) == {"bfloat16"}
    engine = KerasEngine(backends.chosen().compiled(half, None), PICTURES + 3)
    scores = engine.predict(pictures)
    assert np.abs(scores - reference).max() < 0.03
    assert (scores.argmax(axis=1) == reference.argmax(axis=1)).all()
