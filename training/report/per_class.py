"""How well each class is known. Pure."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class: the share (0..1) of what was said to be it that is it, and of its pictures that were found.

    Args:
        precision: None where nothing was said to be it.
        recall: None where there are no pictures of it.
        taken_for: the other class that its pictures were most often said to be; None where none was.
    """

    place: int
    name: str
    pictures: int
    precision: float | None
    recall: float | None
    taken_for: str | None


def per_class(matrix: np.ndarray, names: tuple[str, ...]) -> list[ClassRow]:
    """A row for each class, in their order, from a matrix of `training.report.confusion.confusion`."""
    right, pictures, said = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return [
        ClassRow(
            place=at,
            name=name,
            pictures=int(pictures[at]),
            precision=_share(right[at], said[at]),
            recall=_share(right[at], pictures[at]),
            taken_for=_most_often(matrix[at], at, names),
        )
        for at, name in enumerate(names)
    ]


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None


def _most_often(row: np.ndarray, at: int, names: tuple[str, ...]) -> str | None:
    others = row.copy()
    others[at] = 0
    return names[int(others.argmax())] if others.any() else None
