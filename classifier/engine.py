"""The protocol that every engine keeps."""

from typing import Protocol

import numpy as np


class Engine(Protocol):
    """A network ready to run."""

    @property
    def lanes(self) -> int:
        """How many batches it runs at once, each on its share of the cores."""
        ...

    @property
    def ahead(self) -> int:
        """How many batches it takes in beyond those, and begins by itself as soon as a lane is free."""
        ...

    @property
    def portion(self) -> int:
        """Pictures in a batch beyond which a larger one gains nothing on one lane."""
        ...

    def predict(self, batch: np.ndarray) -> np.ndarray:
        """Probabilities of a batch, with all that the engine has: soonest where nothing else runs.

        Args:
            batch: uint8 (N, side, side, 3), RGB, N at least 1.

        Returns:
            float32 (N, classes); each row sums to 1.
        """
        ...

    def predict_soon(self, batch: np.ndarray) -> np.ndarray:
        """As `predict` where that can begin at once. Where it cannot yet, it is got ready meanwhile."""
        ...

    def predict_beside(self, batch: np.ndarray) -> np.ndarray:
        """As `predict`, on one lane: for as many threads at once as there are lanes, and `ahead` more, whose
        batches begin in the order in which they came. Yet more of them wait."""
        ...
