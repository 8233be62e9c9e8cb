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
        scores = self.engine.predict(np.stack(batch))
        return [top(row, self.bundle.labels, count) for row in scores]
