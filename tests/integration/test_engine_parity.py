"""The served engine against the reference, and the shipped model against its manifest."""

import numpy as np
import pytest

from classifier.catalog import Catalog
from classifier.engines.openvino import OpenVinoEngine
from classifier.preprocess import ImageLimits, prepare

PICTURES = 1000


@pytest.fixture(scope="module")
def bundle():
    return Catalog().find()


@pytest.fixture(scope="module")
def served(bundle):
    return OpenVinoEngine.load(bundle)


@pytest.fixture(scope="module")
def validation(shared_dir, bundle):
    """The split's first pictures through the serving preprocessing, and their classes."""
    parquet = pytest.importorskip("pyarrow.parquet")
    folder = shared_dir / "data" / "tiny-imagenet-200"
    if not folder.is_dir():
        pytest.skip("needs Tiny ImageNet in ../shared/data, which is not here")
    rows = parquet.read_table(next(folder.glob("validation-*.parquet"))).slice(0, PICTURES)
    spec = bundle.manifest.preprocessing
    pictures = [prepare(data, spec, ImageLimits()) for data in rows["image"].to_pylist()]
    return np.stack(pictures), np.array(rows["label"].to_pylist())


def scores_of(engine, pictures):
    parts = [engine.predict(pictures[at : at + 50]) for at in range(0, len(pictures), 50)]
    return np.concatenate(parts)


def test_openvino_answers_as_tensorflow_does(bundle, served, validation):
    pytest.importorskip("tensorflow")
    from classifier.engines.tensorflow import TensorFlowEngine

    pictures = validation[0][:300]
    reference = scores_of(TensorFlowEngine.load(bundle), pictures)
    answers = scores_of(served, pictures)
    assert (answers.shape, answers.dtype) == (reference.shape, reference.dtype)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=0.01)
    assert (answers.argmax(axis=1) == reference.argmax(axis=1)).mean() >= 0.9
    assert np.abs(answers - reference).mean() < 0.001
    assert np.quantile(np.abs(answers - reference).max(axis=1), 0.9) < 0.15


def test_the_shipped_model_keeps_its_manifests_accuracy(bundle, served, validation):
    pictures, labels = validation
    scores = scores_of(served, pictures)
    top5 = (np.argsort(-scores, axis=1)[:, :5] == labels[:, None]).any(axis=1).mean()
    top1 = (scores.argmax(axis=1) == labels).mean()
    stated = next(
        entry
        for entry in bundle.manifest.metrics
        if entry.pictures == PICTURES and entry.engine.startswith("openvino")
    )
    assert top1 == pytest.approx(stated.top1, abs=0.01)
    assert top5 == pytest.approx(stated.top5, abs=0.01)


def test_the_shipped_model_reaches_the_bar(bundle):
    whole = [entry for entry in bundle.manifest.metrics if entry.pictures == 10_000]
    assert {entry.engine.split()[0] for entry in whole} == {"openvino", "tensorflow"}
    for entry in whole:
        assert entry.top1 >= 0.46
        assert entry.top5 >= 0.73


def test_the_shipped_model_is_small(bundle):
    total = sum(path.stat().st_size for path in bundle.folder.iterdir())
    assert total <= 12_000_000
