"""Which update is due, in the form in which the training loop hands batches on."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.batches import Batch, Shuffle
from training.decoded import Split
from training.spark.deal import Deal


@dataclass(frozen=True)
class Turn:
    """Update `step`, from 0, of an epoch, the run's `number`th, over pictures of `side` pixels."""

    epoch: int
    step: int
    number: int
    side: int

    def as_array(self) -> np.ndarray:
        """As a loop takes it for labels."""
        return np.array([self.epoch, self.step, self.number, self.side], np.int64)

    @classmethod
    def of(cls, array: np.ndarray) -> "Turn":
        """From `as_array`."""
        return cls(*array.tolist())

    def as_json(self) -> dict[str, Any]:
        """For the line."""
        return asdict(self)


@dataclass(frozen=True)
class Dealt(Shuffle):
    """Batches that executors make: an array as long as the batch, and a Turn."""

    deal: Deal

    def steps(self, split: Split) -> int:  # noqa: ARG002
        """See Shuffle."""
        return self.deal.steps

    def epoch(self, split: Split, number: int, first: int = 0) -> Iterator[Batch]:
        """See Shuffle."""
        side = split.pictures.shape[1]
        for step in range(first, self.deal.steps):
            turn = Turn(number, step, number * self.deal.steps + step, side)
            yield np.zeros(self.deal.count(step), np.uint8), turn.as_array()
