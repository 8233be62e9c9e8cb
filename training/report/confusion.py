"""Which class is taken for which. Pure."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Pair:
    """So many pictures of the class `true` were said to be `said`: `share` (0..1) of its pictures."""

    true: int
    said: int
    count: int
    share: float


def confusion(labels: np.ndarray, said: np.ndarray, classes: int) -> np.ndarray:
    """How often each was said of each: int64 (classes, classes), a row for each true class.

    Args:
        labels: the true classes, integers (N,).
        said: the classes with the highest scores, integers (N,).
    """
    cells = np.bincount(labels.astype(np.int64) * classes + said, minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.int64)


def confused(matrix: np.ndarray, most: int) -> list[Pair]:
    """The most frequent mistakes, `most` at most: by count, then by share, then by place."""
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    totals = matrix.sum(axis=1)
    pairs = [
        Pair(true, said, int(wrong[true, said]), float(wrong[true, said] / totals[true]))
        for true, said in np.argwhere(wrong).tolist()
    ]
    return sorted(pairs, key=lambda pair: (-pair.count, -pair.share, pair.true, pair.said))[:most]
