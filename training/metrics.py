"""Top-1 and top-5: the share of pictures whose class is among the k highest scores."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Accuracy:
    """Shares in 0..1 over `pictures` pictures."""

    top1: float
    top5: float
    pictures: int


def accuracy(scores: np.ndarray, labels: np.ndarray) -> Accuracy:
    """From scores (N, classes) of any monotone kind and labels (N,)."""
    best = np.argpartition(-scores, min(5, scores.shape[1] - 1), axis=1)[:, :5]
    top5 = float((best == labels[:, None]).any(axis=1).mean())
    top1 = float((scores.argmax(axis=1) == labels).mean())
    return Accuracy(top1, top5, len(labels))
