"""Top-1 and top-5 against a count by hand."""

import numpy as np

from training.metrics import accuracy


def test_by_hand():
    scores = np.array(
        [[9, 8, 7, 6, 5, 4], [4, 5, 6, 7, 8, 9], [9, 8, 7, 6, 5, 4], [1, 9, 3, 4, 5, 6]]
    )
    result = accuracy(scores.astype(float), np.array([0, 0, 4, 1]))
    assert (result.top1, result.top5, result.pictures) == (0.5, 0.75, 4)


def test_against_sorting():
    random = np.random.default_rng(0)
    scores, labels = random.random((500, 200)), random.integers(0, 200, 500)
    order = np.argsort(-scores, axis=1)
    result = accuracy(scores, labels)
    assert result.top1 == np.mean(order[:, 0] == labels)
    assert result.top5 == np.mean(
        [label in row[:5] for row, label in zip(order, labels, strict=True)]
    )
