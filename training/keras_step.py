"""One training step through Keras alone."""

import keras
import numpy as np

from training.architectures import tiny_inception
from training.recipes import Recipe
from training.step import sgd


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
