"""What the training loop is given: everything that is decided before it starts."""

from typing import Protocol

from training.batches import Shuffle
from training.decoded import Split


class Course(Protocol):
    """Epochs, from 0, and what each of them learns from."""

    @property
    def epochs(self) -> int:
        """At most."""

    @property
    def patience(self) -> int | None:
        """Epochs without a lower validation loss that end it."""

    @property
    def shuffle(self) -> Shuffle:
        """How batches are made."""

    def learn(self, epoch: int) -> Split:
        """The pictures to learn from."""

    def held(self, epoch: int) -> Split:
        """The pictures to measure on, of the same size."""

    def enter(self, epoch: int) -> None:
        """Make the network ready for an epoch; called again for the same one, it changes nothing."""

    def rate(self, epoch: int, batch: int, batches: int) -> float:
        """The learning rate of a batch, from 0, of so many in the epoch."""


def patient(losses: list[float], patience: int | None) -> bool:
    """Whether to go on after epochs of these validation losses."""
    if patience is None or len(losses) <= patience:
        return True
    best = losses.index(min(losses))
    return len(losses) - 1 - best < patience
