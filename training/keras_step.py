"""One training step through Keras alone."""

from typing import Literal

import keras
import numpy as np

from training.architectures.known import plain
from training.recipe import Recipe
from training.step import Trained, one_hot

TOP = 5


class KerasStep:
    """`train_on_batch`: runs on TensorFlow, JAX and PyTorch alike. See `training.step.Step`."""

    def __init__(self, model: keras.Model, recipe: Recipe) -> None:
        self.model = model
        self._recipe = recipe
        self.optimizer = recipe.optimizer.made()
        self.optimizer.build(model.trainable_variables)
        self._classes = int(model.output_shape[-1])
        self.model.compile(
            self.optimizer,
            keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=recipe.smoothing
            ),
            metrics=[
                keras.metrics.CategoricalAccuracy(),
                keras.metrics.TopKCategoricalAccuracy(min(TOP, self._classes)),
            ],
            jit_compile=compiling(),
        )

    def train(self, pictures: np.ndarray, labels: np.ndarray, rate: float) -> Trained:
        """See Step."""
        self.optimizer.learning_rate = rate
        targets = one_hot(labels, self._classes)
        found = self.model.train_on_batch(pictures.astype(np.float32), targets)
        return Trained(*(float(each) for each in found))

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """See Step."""
        return np.asarray(self.model.predict_on_batch(pictures.astype(np.float32)))

    def plain(self) -> keras.Model:
        """See Step."""
        return plain(self._recipe, self.model)


def compiling() -> bool | Literal["auto"]:
    """Whether XLA compiles the step: not TensorFlow's on a CPU, where oneDNN is faster.

    Pictures a second of cnn1 in batches of 128 on two busy cores: 106 with XLA, 161 without; in bfloat16 94
    with and 515 without.
    """
    if keras.backend.backend() != "tensorflow":
        return "auto"
    import tensorflow as tf

    return "auto" if tf.config.list_physical_devices("GPU") else False
