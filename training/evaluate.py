"""Accuracy as a caller meets it: JPEG bytes through the serving preprocessing and an engine."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.progress import track

from classifier.bundle import Bundle
from classifier.engine import Engine
from classifier.engines.openvino import OpenVinoEngine
from classifier.engines.tensorflow import TensorFlowEngine
from classifier.manifest import Preprocessing
from classifier.preprocess import ImageLimits, prepare
from training.batches import Batch
from training.dataset import rows, shards
from training.metrics import Accuracy, accuracy

ENGINES: dict[str, Callable[[Bundle], Engine]] = {
    "openvino": OpenVinoEngine.load,
    "tensorflow": TensorFlowEngine.load,
}


def evaluate(bundle: Bundle, data: Path, engine: str, limit: int | None = None) -> Accuracy:
    """Top-1 and top-5 of a bundle on the first `limit` validation pictures, or on all.

    Raises:
        BundleBroken: the bundle lacks what the engine needs.
        DataMissing: the folder has no validation shard.
    """
    return score(ENGINES[engine](bundle), prepared(data, bundle.manifest.preprocessing, limit))


def prepared(data: Path, spec: Preprocessing, limit: int | None = None) -> Batch:
    """The validation split as the workers would feed it: uint8 (N, side, side, 3), int64 (N,)."""
    pictures: list[np.ndarray] = []
    labels: list[int] = []
    for row in rows(shards(data, "validation")):
        if len(labels) == limit:
            break
        pictures.append(prepare(row["image"], spec, ImageLimits()))
        labels.append(row["label"])
    return np.stack(pictures), np.array(labels, np.int64)


def first(pictures: Batch, count: int) -> Batch:
    """The first `count` of prepared pictures."""
    return pictures[0][:count], pictures[1][:count]


def score(engine: Engine, pictures: Batch, size: int = 100) -> Accuracy:
    """Accuracy of an engine over prepared pictures."""
    batch, labels = pictures
    starts = range(0, len(labels), size)
    scores = [engine.predict(batch[at : at + size]) for at in track(starts, "measuring")]
    return accuracy(np.concatenate(scores), labels)
