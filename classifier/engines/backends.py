"""Keras's backends: whether there is an accelerator, and how a model is compiled for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import keras
import numpy as np

Scores: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""uint8 (N, side, side, 3) to probabilities, float32 (N, classes)."""


class Backend(Protocol):
    """What the engine asks of one."""

    def accelerated(self) -> bool:
        """Whether there is a device other than the CPU."""

    def compiled(self, model: Any, cache: Path | None) -> Scores:
        """The model, whose outputs are logits, compiled once for each size of batch."""


class TensorFlow:
    """XLA compiles."""

    def accelerated(self) -> bool:
        import tensorflow as tf

        return any(device.device_type != "CPU" for device in tf.config.list_logical_devices())

    def compiled(self, model: Any, _cache: Path | None) -> Scores:
        import tensorflow as tf

        @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
        def run(pictures: Any) -> Any:
            return _probabilities(model, pictures)

        return lambda batch: np.asarray(run(tf.constant(batch)))


class Jax:
    """XLA compiles, and keeps what it compiled where there is a folder for it."""

    def accelerated(self) -> bool:
        import jax

        return bool(jax.default_backend() != "cpu")

    def compiled(self, model: Any, cache: Path | None) -> Scores:
        import jax

        if cache is not None:
            jax.config.update("jax_compilation_cache_dir", str(cache))
        weights = [variable.value for variable in model.variables]

        @jax.jit  # type: ignore[untyped-decorator]
        def run(values: Any, pictures: Any) -> Any:
            # Given as arguments: constants of 100 MB would be folded, for minutes.
            pairs = list(zip(model.variables, values, strict=True))
            with keras.StatelessScope(state_mapping=pairs):
                return _probabilities(model, pictures)

        return lambda batch: np.asarray(run(weights, batch))


class Torch:
    """PyTorch compiles where there is an accelerator; on a CPU it runs the model as it is."""

    def accelerated(self) -> bool:
        import torch

        return bool(torch.accelerator.is_available())

    def compiled(self, model: Any, _cache: Path | None) -> Scores:
        import torch

        def run(pictures: Any) -> Any:
            return _probabilities(model, pictures)

        step = torch.compile(run, dynamic=False) if self.accelerated() else run

        def scores(batch: np.ndarray) -> np.ndarray:
            with torch.inference_mode():
                return np.asarray(keras.ops.convert_to_numpy(step(torch.from_numpy(batch))))

        return scores


def chosen() -> Backend:
    """Of the backend that Keras runs on."""
    return _BACKENDS[keras.backend.backend()]()


def _probabilities(model: Any, pictures: Any) -> Any:
    logits = model(keras.ops.cast(pictures, "float32"), training=False)
    return keras.ops.softmax(keras.ops.cast(logits, "float32"), axis=-1)


_BACKENDS: dict[str, Callable[[], Backend]] = {
    "tensorflow": TensorFlow,
    "jax": Jax,
    "torch": Torch,
}
