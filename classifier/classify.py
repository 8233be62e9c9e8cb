"""Pictures to labels: an engine and the bundle it was loaded from, together."""

from collections.abc import Sequence

import numpy as np

from classifier.bundle import Bundle
from classifier.engine import Engine
from classifier.labels import Label, top


class Classifier:
    """Names what is in prepared pictures."""

    def __init__(self, engine: Engine, bundle: Bundle) -> None:
        self.engine = engine
        self.bundle = bundle

    def classify(self, batch: Sequence[np.ndarray], count: int = 5) -> list[list[Label]]:
        """The `count` likeliest labels of each picture, best first; an empty batch is allowed.

        Args:
            batch: uint8 (side, side, 3) each, as `preprocess.prepare` makes them.
        """
        if not batch:
            return []
        scores = self.engine.predict(together(batch))
        return [top(row, self.bundle.labels, count) for row in scores]


def together(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """uint8 (N, side, side, 3) of N pictures, at least one; a single one is not copied."""
    return pictures[0][None] if len(pictures) == 1 else np.stack(pictures)
