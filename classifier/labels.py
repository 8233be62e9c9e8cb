"""From scores to named labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.classes import ClassName

__all__ = ["ClassName", "Label", "top"]


@dataclass(frozen=True)
class Label:
    """One answer: `confidence` is a probability, 0 to 1."""

    name: str
    class_id: str
    confidence: float


def ranked(scores: np.ndarray, count: int) -> list[tuple[int, float]]:
    """The `count` largest of scores (classes,), each with its place; equal ones in the order of places."""
    falling = -scores
    if count < len(falling):
        # Only what can be among the first is sorted: of 1 000 classes hardly more than `count`.
        places = np.flatnonzero(falling <= np.partition(falling, count - 1)[count - 1])
        places = places[np.argsort(falling[places], kind="stable")][:count]
    else:
        places = np.argsort(falling, kind="stable")
    return list(zip(places.tolist(), scores[places].tolist(), strict=True))


def ranked_among(
    scores: np.ndarray, places: np.ndarray, count: int, least: float
) -> list[tuple[int, float]]:
    """As `ranked`, of scores at these places alone, int (n,), that are at least `least`."""
    found = ranked(scores[places], count) if len(places) else []
    return [(int(places[at]), score) for at, score in found if score >= least]


def top(scores: np.ndarray, names: Sequence[ClassName], count: int) -> list[Label]:
    """The `count` likeliest classes of one picture, best first.

    Args:
        scores: float (classes,), probabilities in the order of `names`.
        names: the network's classes.
        count: at most this many; fewer where the network has fewer.

    Raises:
        ValueError: scores and names differ in number, or `count` is below 1.
    """
    if scores.shape != (len(names),):
        raise ValueError(f"{scores.shape} scores for {len(names)} classes")
    if count < 1:
        raise ValueError("count must be at least 1")
    return [Label(names[at].name, names[at].class_id, score) for at, score in ranked(scores, count)]
