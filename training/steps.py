"""One training step, for any Keras backend, and faster where a backend has more to give."""

from typing import Protocol

import keras
import numpy as np

from training.architectures import tiny_inception
from training.recipes import Recipe


class Step(Protocol):
    """A network with its optimizer. Pictures are uint8 (N, H, W, 3), labels int64 (N,)."""

    model: keras.Model
    optimizer: keras.Optimizer

    def train(self, pictures: np.ndarray, labels: np.ndarray, rate: float) -> float:
        """One update at learning rate `rate`; the batch's mean loss before it."""
        ...

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """float32 (N, classes), in inference mode."""
        ...


class KerasStep:
    """`train_on_batch`: runs on TensorFlow, JAX and PyTorch alike."""

    def __init__(self, recipe: Recipe, classes: int) -> None:
        self.model = tiny_inception.build(classes)
        self.optimizer = sgd(recipe, self.model)
        self.model.compile(
            self.optimizer,
            keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=recipe.smoothing
            ),
        )
        self._classes = classes

    def train(self, pictures: np.ndarray, labels: np.ndarray, rate: float) -> float:
        self.optimizer.learning_rate = rate
        targets = np.eye(self._classes, dtype=np.float32)[labels]
        return float(self.model.train_on_batch(pictures.astype(np.float32), targets))

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        return np.asarray(self.model.predict_on_batch(pictures.astype(np.float32)))


def sgd(recipe: Recipe, model: keras.Model) -> keras.Optimizer:
    """The recipe's optimizer, built for the model so that its state can be restored."""
    optimizer = keras.optimizers.SGD(
        recipe.peak, momentum=recipe.momentum, nesterov=True, weight_decay=recipe.decay
    )
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    optimizer.build(model.trainable_variables)
    return optimizer


def for_backend(recipe: Recipe, classes: int) -> Step:
    """The fastest step for the backend that KERAS_BACKEND names."""
    if keras.backend.backend() == "torch":
        from training.torch_step import TorchStep

        return TorchStep(recipe, classes)
    return KerasStep(recipe, classes)
