"""What a training step is."""

from typing import NamedTuple, Protocol

import keras
import numpy as np


class Trained(NamedTuple):
    """Of one batch before its update: the mean loss, and the shares of pictures that were right."""

    loss: float
    top1: float
    top5: float


class Step(Protocol):
    """A network with its optimizer. Pictures are uint8 (N, H, W, 3).

    `model.variables` and `optimizer.variables` are all that a run keeps of it.
    """

    @property
    def model(self) -> keras.Model:
        """What learns."""

    @property
    def optimizer(self) -> keras.Optimizer:
        """What it learns by."""

    def train(self, pictures: np.ndarray, labels: np.ndarray, rate: float) -> Trained:
        """One update at learning rate `rate`; labels int64 (N,) or, mixed, float32 (N, classes)."""

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """float32 (N, classes), in inference mode."""

    def plain(self) -> keras.Model:
        """The network as it is now, for any backend: bytes (N, side, side, 3) to logits; not compiled."""


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """float32 (N, classes), of labels of either kind."""
    return labels if labels.ndim == 2 else np.eye(classes, dtype=np.float32)[labels]


def hits(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Top-1 and top-5 of a batch; of mixed labels the largest share counts."""
    from training.metrics import accuracy

    found = accuracy(logits, labels if labels.ndim == 1 else labels.argmax(axis=1))
    return found.top1, found.top5
