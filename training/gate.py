"""What is too bad to be served: of several precisions of a network, and of one beside what it replaces.

Both are held to the same measure: top-1 may be `WORST_DROP` lower, no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from training.metrics import Accuracy

WORST_DROP = 0.01  # of top-1 as a share of all pictures: one percentage point
Candidate = TypeVar("Candidate")


def worse(found: Accuracy, reference: Accuracy) -> bool:
    """Whether top-1 is more than WORST_DROP under the reference's."""
    return found.top1 < reference.top1 - WORST_DROP


def first_good(
    candidates: Sequence[Candidate],
    measured: Callable[[Candidate], Accuracy],
    reference: Accuracy,
) -> tuple[Candidate, Accuracy]:
    """The first that is not `worse` than the reference, or else the last.

    Args:
        candidates: at least one, the preferred ones first.
        measured: called once for each until one is good.
    """
    for candidate in candidates[:-1]:
        found = measured(candidate)
        if not worse(found, reference):
            return candidate, found
    return candidates[-1], measured(candidates[-1])


@dataclass(frozen=True)
class HeldTo:
    """What a network has to reach to be published.

    Args:
        least: top-1, a share in 0..1; none is asked for when None.
        majority: the share right for who always says the most frequent class; None where it is not known.
        replaced: the network that serves now, and how it did on the same pictures; None where there is none
            or it was measured on others.
    """

    least: float | None = None
    majority: float | None = None
    replaced: tuple[str, Accuracy] | None = None


def refusals(found: Accuracy, held: HeldTo) -> list[str]:
    """Why a network is not to be published, a sentence each; none when it may be."""
    said = []
    if held.least is not None and found.top1 < held.least:
        said.append(
            f"top-1 is {found.top1:.2%}, and {held.least:.2%} is the least that was asked for."
        )
    if held.majority is not None and found.top1 <= held.majority:
        said.append(
            f"top-1 is {found.top1:.2%}; "
            f"always saying the most frequent class is right on {held.majority:.2%}."
        )
    if held.replaced is not None and worse(found, held.replaced[1]):
        name, before = held.replaced
        said.append(
            f"top-1 is {found.top1:.2%}; {name}, which it would replace, has {before.top1:.2%} on the same "
            f"{before.pictures} pictures, and {100 * WORST_DROP:g} point less is the most that is let go."
        )
    return said
