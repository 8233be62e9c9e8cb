"""Which of several precisions is served: the first that costs no more than a point of accuracy."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from training.metrics import Accuracy

WORST_DROP = 0.01  # of top-1 as a share of all pictures: one percentage point
Candidate = TypeVar("Candidate")


def first_good(
    candidates: Sequence[Candidate],
    measured: Callable[[Candidate], Accuracy],
    reference: Accuracy,
) -> tuple[Candidate, Accuracy]:
    """The first whose top-1 is at most WORST_DROP under the reference's, or else the last.

    Args:
        candidates: at least one, the preferred ones first.
        measured: called once for each until one is good.
    """
    for candidate in candidates[:-1]:
        found = measured(candidate)
        if found.top1 >= reference.top1 - WORST_DROP:
            return candidate, found
    return candidates[-1], measured(candidates[-1])
