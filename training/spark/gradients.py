"""What a task of the map-reduce scheme does: its part's gradient at the weights that were broadcast."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from training.recipe import Recipe
from training.spark.share import Pictures
from training.spark.turns import Turn

if TYPE_CHECKING:
    from training.spark.replica import Replica


@dataclass(frozen=True)
class Told:
    """What every task of a run is told; `threads` are the cores of a task."""

    run: str
    recipe: Recipe
    classes: int
    pictures: Pictures
    threads: int

    def __hash__(self) -> int:
        return hash(self.run)


def part(
    shards: Iterator[int], told: Told, weights: Any, turn: Turn, count: int
) -> Iterator[np.ndarray]:
    """The vector of `Replica.part`, of this task's shards.

    Args:
        weights: a broadcast of `Replica.weights`.
        count: pictures of all parts together.
    """
    mine = tuple(shards)
    replica, gradient = _worker(told)
    replica.take(weights.value)
    replica.dealt(told.pictures.seed, mine[0], turn.number)
    pictures, labels = told.pictures.part(mine, turn.epoch, turn.step, turn.side)
    yield gradient(pictures, labels, count)


@cache
def _worker(told: Told) -> tuple["Replica", Callable[..., np.ndarray]]:
    """Once in a process, which Spark gives one task after the other."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(told.threads)
    from training.spark.replica import built

    replica = built(told.recipe, told.classes)
    return replica, replica.gradient()
