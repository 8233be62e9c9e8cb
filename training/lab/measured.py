"""What a network says of the validation pictures, and what of it is kept."""

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from training.atomic import beside, roomy, writing
from training.batches import plain
from training.decoded import Split
from training.lab.run_folder import BEST, PREDICTIONS, WORST
from training.metrics import Accuracy, accuracy
from training.step import Step

BATCH = 250
KEPT = 60  # errors, with their pixels


@dataclass(frozen=True)
class Measured:
    """Probabilities float32 (N, classes), their mean negative log likelihood, and accuracy."""

    scores: np.ndarray
    loss: float
    accuracy: Accuracy


def measure(step: Step, split: Split) -> Measured:
    """The network as it stands, on every picture of the split."""
    logits = np.concatenate([step.logits(pictures) for pictures, _ in plain(split, BATCH)])
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -float(logs[np.arange(len(split.labels)), split.labels].mean())
    scores = np.nan_to_num(np.exp(logs), nan=1 / logits.shape[1]).astype(np.float32)
    # A network that has come apart says the same of everything, and that is no first place.
    loss = loss if math.isfinite(loss) else math.inf
    return Measured(scores, loss, accuracy(np.nan_to_num(logits, nan=-np.inf), split.labels))


def keep_best(step: Step, folder: Path, epoch: int, found: Measured, split: Split) -> None:
    """Writes best.keras, worst.npz and, last, predictions.npz, which says of which epoch they are.

    Raises:
        OutOfSpace
    """
    _save(step.plain(), folder / BEST)
    places = worst(found.scores, split.labels)
    with writing(folder / WORST) as file:
        np.savez(file, places=places, pictures=split.pictures[places])
    names = list(split.names) or [f"picture {at}" for at in range(len(split.labels))]
    with writing(folder / PREDICTIONS) as file:
        np.savez(
            file,
            epoch=np.array(epoch),
            scores=found.scores,
            labels=split.labels.astype(np.int32),
            pictures=np.array(names),
        )


def worst(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Places of the most confident errors, the worst first: int32 (at most KEPT,)."""
    wrong = np.flatnonzero(scores.argmax(axis=1) != labels)
    sure = scores[wrong].max(axis=1)
    return wrong[np.argsort(-sure, kind="stable")][:KEPT].astype(np.int32)


def _save(model: keras.Model, path: Path) -> None:
    """Keras writes to a name that ends as its own do; a folder makes room for it."""
    partial = beside(path)
    partial.mkdir(exist_ok=True)
    try:
        with roomy(path):
            model.save(partial / path.name)
            (partial / path.name).replace(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
