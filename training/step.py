"""What a training step is, and the optimizer that each of them has."""

from typing import Protocol

import keras
import numpy as np

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


def sgd(recipe: Recipe, model: keras.Model) -> keras.Optimizer:
    """The recipe's optimizer, built for the model so that its state can be restored."""
    optimizer = keras.optimizers.SGD(
        recipe.peak, momentum=recipe.momentum, nesterov=True, weight_decay=recipe.decay
    )
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    optimizer.build(model.trainable_variables)
    return optimizer
