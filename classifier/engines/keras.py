"""Serves a bundle's Keras network on GPUs, and wherever Keras runs: through XLA, or on PyTorch.

The backend is Keras's own choice (KERAS_BACKEND). Each size of batch is compiled once, while the engine is
loaded: batches are filled up to the next power of two, so that no job ever waits for a compiler.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from classifier.bundle import Bundle
from classifier.errors import BundleBroken, EngineMissing
from classifier.extras import remedy

LARGE, SMALL = 64, 8
"""Pictures in a batch: an accelerator gains by many, a CPU by few."""


class KerasEngine:
    """Batches of any size; one at a time, which uses the whole device. Safe to call from several threads.

    Args:
        scores: uint8 (N, side, side, 3) to probabilities, float32 (N, classes), for N a power of two.
        portion: the largest N, a power of two.
    """

    lanes, ahead = 1, 0

    def __init__(self, scores: Callable[[np.ndarray], np.ndarray], portion: int) -> None:
        self._scores = scores
        self.portion = portion

    @classmethod
    def load(
        cls, bundle: Bundle, cache: Path | None = None, portion: int | None = None
    ) -> "KerasEngine":
        """Reads model.keras, whose outputs are logits, and runs every size of batch once.

        On an accelerator it computes in bfloat16, but for the last layer; on a CPU in float32.

        Args:
            cache: a folder that keeps what JAX compiled for the next start; the others have none.
            portion: pictures in a batch, a power of two; 64 on an accelerator and 8 on a CPU when None.

        Raises:
            BundleBroken: the bundle has no Keras network, or Keras cannot read it.
            EngineMissing: Keras or its backend is not installed.
        """
        path = bundle.keras
        try:
            import keras

            from classifier.engines import backends
        except ImportError as error:
            raise EngineMissing(_REMEDY.format(error, remedy("train"))) from error
        backend = backends.chosen()
        try:
            model = keras.saving.load_model(path, compile=False)
        except (ValueError, TypeError, OSError) as error:
            raise BundleBroken(f"{path} cannot be read: {error}") from error
        fast = backend.accelerated()
        scores = backend.compiled(halved(model) if fast else model, cache)
        engine = cls(scores, portion or (LARGE if fast else SMALL))
        engine.warm(bundle.manifest.preprocessing.side)
        return engine

    def warm(self, side: int) -> None:
        """Run each size of batch once."""
        size = 1
        while size <= self.portion:
            self._scores(np.zeros((size, side, side, 3), np.uint8))
            size *= 2

    def predict(self, batch: np.ndarray) -> np.ndarray:
        """See Engine.predict."""
        parts = [
            self._part(batch[at : at + self.portion]) for at in range(0, len(batch), self.portion)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def predict_soon(self, batch: np.ndarray) -> np.ndarray:
        """See Engine.predict_soon."""
        return self.predict(batch)

    def predict_beside(self, batch: np.ndarray) -> np.ndarray:
        """See Engine.predict_beside."""
        return self.predict(batch)

    def _part(self, batch: np.ndarray) -> np.ndarray:
        return self._scores(filled(batch))[: len(batch)]


def filled(batch: np.ndarray) -> np.ndarray:
    """The batch with black pictures behind it, up to the next power of two."""
    missing = (1 << (len(batch) - 1).bit_length()) - len(batch)
    if not missing:
        return batch
    return np.concatenate([batch, np.zeros((missing, *batch.shape[1:]), batch.dtype)])


def halved(model: Any) -> Any:
    """The model computing in bfloat16, its weights and its last layer in float32.

    The logits are made by the last layer: in bfloat16 close ones would tie.
    """
    import keras

    last = model.layers[-1].name

    def cast(layer: Any) -> Any:
        config = layer.get_config()
        if layer.name != last:
            config["dtype"] = "mixed_bfloat16"
        return layer.__class__.from_config(config)

    # Recursive: a whole network may be one layer of another.
    copy = keras.models.clone_model(model, clone_function=cast, recursive=True)
    copy.set_weights(model.get_weights())
    return copy


_REMEDY = (
    "the keras engine needs what is not installed ({}): install Keras with one of its backends, "
    "say by {}, or set CLASSIFYCLOUD_ENGINE=openvino"
)
