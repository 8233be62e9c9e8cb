"""A step over several devices of TensorFlow: the batch is cut, gradients are summed on the first device.

Plain devices instead of `tf.distribute`, which Keras 3 does not train through batch by batch
(keras-team/keras#20585).
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from training.keras_step import TOP, KerasStep
from training.recipe import Recipe
from training.step import Trained, one_hot


class TowersStep(KerasStep):
    """See `training.step.Step`; `devices` are TensorFlow's names of them."""

    def __init__(self, model: keras.Model, recipe: Recipe, devices: Sequence[str]) -> None:
        super().__init__(model, recipe)
        self._devices = devices
        self._loss = keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=recipe.smoothing, reduction="sum"
        )
        self._compiled = tf.function(self._update, reduce_retracing=True)

    def train(self, pictures: np.ndarray, labels: np.ndarray, rate: float) -> Trained:
        """See Step."""
        count = min(len(self._devices), len(pictures))
        targets = one_hot(labels, self._classes)
        parts = [
            (tf.constant(each), tf.constant(truth))
            for each, truth in zip(
                np.array_split(pictures, count), np.array_split(targets, count), strict=True
            )
        ]
        self.optimizer.learning_rate = rate
        found = self._compiled(parts, tf.constant(len(pictures), tf.float32))
        return Trained(*(float(each) for each in found))

    def _update(self, parts: Sequence[tuple[Any, Any]], count: Any) -> Any:
        towers = [
            self._tower(device, *part, count)
            for device, part in zip(self._devices, parts, strict=False)
        ]
        gradients = [tf.add_n(list(each)) for each in zip(*(one for one, _ in towers), strict=True)]
        self.optimizer.apply(gradients, self.model.trainable_variables)
        return tf.add_n([measured for _, measured in towers])

    def _tower(self, device: str, pictures: Any, targets: Any, count: Any) -> tuple[list[Any], Any]:
        """Of a part: its share of the batch's gradient, and of its loss, top-1 and top-5."""
        with tf.device(device):
            with tf.GradientTape() as tape:
                logits = self.model(tf.cast(pictures, tf.float32), training=True)
                loss = self._loss(targets, logits) / count
            weights = [each.value for each in self.model.trainable_variables]
            truth = tf.argmax(targets, axis=1)
            first = tf.equal(tf.argmax(logits, axis=1), truth)
            among = tf.math.in_top_k(truth, logits, min(TOP, self._classes))
            right = [tf.reduce_sum(tf.cast(each, tf.float32)) / count for each in (first, among)]
            return tape.gradient(loss, weights), tf.stack([loss, *right])


def gpus() -> list[str]:
    """TensorFlow's names of the GPUs here."""
    return [each.name for each in tf.config.list_logical_devices("GPU")]
