"""The reference engine: the bundle's Keras network on TensorFlow."""

from typing import Any

import numpy as np

from classifier.bundle import Bundle


class TensorFlowEngine:
    """The network as it was trained, for comparison; `classifier.engines.keras` serves it."""

    lanes, ahead, portion = 1, 0, 16

    def __init__(self, model: Any) -> None:
        self._model = model

    @classmethod
    def load(cls, bundle: Bundle) -> "TensorFlowEngine":
        """Reads model.keras, whose outputs are logits.

        Raises:
            BundleBroken: the bundle has no Keras network.
        """
        path = bundle.keras
        import keras  # takes seconds, and the serving path does without it

        return cls(keras.saving.load_model(path, compile=False))

    def predict(self, batch: np.ndarray) -> np.ndarray:
        """See Engine.predict."""
        logits = np.asarray(self._model.predict_on_batch(batch.astype(np.float32)))
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)

    def predict_soon(self, batch: np.ndarray) -> np.ndarray:
        """See Engine.predict_soon."""
        return self.predict(batch)

    def predict_beside(self, batch: np.ndarray) -> np.ndarray:
        """See Engine.predict_beside."""
        return self.predict(batch)
