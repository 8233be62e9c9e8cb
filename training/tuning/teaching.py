"""One trial: the recipe with what was drawn, trained in the trial's folder as `classifycloud train` does."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from training.fit import fit
from training.lab.choice import Choice
from training.lab.data import Wanted
from training.lab.run_folder import Row, RunFolder
from training.order import Order as TrainingOrder
from training.tuning.messages import Epoch, Order
from training.tuning.options import applied


@dataclass(frozen=True)
class Fixed:
    """What is the same for all trials: see `training.lab.choice.Choice` and `training.lab.data.Wanted`."""

    data: str | None
    cache: str
    share: float
    lenient: bool
    seed: int
    choice: dict[str, Any]


def teach(order: Order, told: Callable[[Epoch], None]) -> float:
    """Trains, or goes on where the run in the order's folder was left.

    Args:
        told: is told of each epoch, of those done earlier too; what it raises ends the trial.

    Returns:
        Top-1 on the validation pictures, in 0..1, of the epoch whose network is kept.

    Raises:
        TrainingError: with these options it cannot be done.
    """
    fixed = Fixed(**order.fixed)
    keras.utils.clear_session()
    run = RunFolder(Path(order.run))
    for row in run.rows:
        told(_epoch(row))
    fit(
        TrainingOrder(
            wanted=Wanted(fixed.data, Path(fixed.cache), fixed.share, fixed.lenient),
            recipe=applied(Choice(**fixed.choice).made(), order.drawn),
            out=run.folder,
            seed=fixed.seed,
        ),
        lambda row: told(_epoch(row)),
    )
    best = run.best_row
    assert best is not None
    return best.validation_top1


def _epoch(row: Row) -> Epoch:
    return Epoch(row.epoch, row.planned, row.validation_top1)
