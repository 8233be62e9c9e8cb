"""Whether a network learned its pictures by heart. Two rules, stated on the page. Pure.

1. *Turned*: after its lowest validation loss the run went on for `LASTING` epochs or more, the training
   loss fell further, and the validation loss ended `RISE` above its lowest or higher.
2. *Apart*: in the epoch that is kept, top-1 on the training pictures is `GAP` or more above top-1 on the
   validation pictures.

Augmentation and dropout lower the training figures, so that neither rule cries wolf because of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LASTING = 3  # epochs
RISE = 0.05  # of the lowest validation loss
GAP = 0.15  # of all pictures: 15 points


@dataclass(frozen=True, slots=True)
class Epoch:
    """What the rules look at: mean losses, and shares right in 0..1; None where it was not measured."""

    number: int
    loss: float
    top1: float | None
    validation_loss: float | None
    validation_top1: float | None


def warnings(epochs: Sequence[Epoch], kept: int) -> list[str]:
    """A sentence for each rule that holds.

    Args:
        epochs: in order.
        kept: the number of the epoch whose network is kept.
    """
    return [said for said in (_turned(epochs), _apart(epochs, kept)) if said]


def _turned(epochs: Sequence[Epoch]) -> str | None:
    measured = [(each.validation_loss, each) for each in epochs if each.validation_loss is not None]
    if not measured:
        return None
    lowest, best = min(measured, key=lambda pair: pair[0])
    ended, last = measured[-1]
    after = last.number - best.number
    if after < LASTING or last.loss >= best.loss or ended < lowest * (1 + RISE):
        return None
    return (
        f"The validation loss was lowest in epoch {best.number} ({lowest:.3f}) and {ended:.3f} in epoch "
        f"{last.number}, while the training loss fell from {best.loss:.3f} to {last.loss:.3f}: what was "
        "learned since are the training pictures themselves. Stop earlier, augment more, or add dropout."
    )


def _apart(epochs: Sequence[Epoch], kept: int) -> str | None:
    for each in epochs:
        if each.number == kept and each.top1 is not None and each.validation_top1 is not None:
            gap = each.top1 - each.validation_top1
            if gap >= GAP:
                return (
                    f"In epoch {kept} it is right on {each.top1:.1%} of the training pictures and on "
                    f"{each.validation_top1:.1%} of the validation pictures: {100 * gap:.0f} points less on "
                    "pictures that it has not seen. More pictures, augmentation or a smaller network help."
                )
    return None
