"""The errors that the network was surest of. Pure."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Mistake:
    """The picture at `place`: a class was said with `surety`, the true one got `given`; both are in 0..1."""

    place: int
    true: int
    said: int
    surety: float
    given: float


def worst(probabilities: np.ndarray, labels: np.ndarray, most: int) -> list[Mistake]:
    """Wrong answers, the most certain first, `most` at most.

    Args:
        probabilities: float (N, classes).
        labels: the true classes, integers (N,).
    """
    said = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(said != labels)
    surety = probabilities[wrong, said[wrong]]
    order = wrong[np.lexsort((wrong, probabilities[wrong, labels[wrong]], -surety))]
    return [
        Mistake(
            place=int(at),
            true=int(labels[at]),
            said=int(said[at]),
            surety=float(probabilities[at, said[at]]),
            given=float(probabilities[at, labels[at]]),
        )
        for at in order[:most]
    ]
