"""A step over several devices of JAX, which Keras spreads each batch over."""

from collections.abc import Sequence

import keras
import numpy as np

from training.keras_step import KerasStep
from training.recipe import Recipe
from training.step import Trained


def spread(devices: Sequence[str]) -> None:
    """From now on networks are copied to all devices, and batches cut; before a network is made."""
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=list(devices)))


class ShardedStep(KerasStep):
    """See `training.step.Step`. Batches are cut evenly: what is left over of an epoch's last is left out."""

    def __init__(self, model: keras.Model, recipe: Recipe, devices: int) -> None:
        super().__init__(model, recipe)
        self._devices = devices

    def train(self, pictures: np.ndarray, labels: np.ndarray, rate: float) -> Trained:
        """See Step."""
        even = len(pictures) - len(pictures) % self._devices
        if not even:
            return Trained(0.0, 0.0, 0.0)
        return super().train(pictures[:even], labels[:even], rate)

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """See Step."""
        missing = -len(pictures) % self._devices
        padded = np.concatenate([pictures, pictures[:1].repeat(missing, axis=0)])
        return super().logits(padded)[: len(pictures)]
