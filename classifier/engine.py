"""The protocol that every engine keeps."""

from typing import Protocol

import numpy as np


class Engine(Protocol):
    """A network ready to run."""

    def predict(self, batch: np.ndarray) -> np.ndarray:
        """Probabilities of a batch.

        Args:
            batch: uint8 (N, side, side, 3), RGB, N at least 1.

        Returns:
            float32 (N, classes); each row sums to 1.
        """
        ...
