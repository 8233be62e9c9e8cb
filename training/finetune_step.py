"""A base with a new head: first the head learns, then the layers before it, at a lower rate.

Through Keras alone, so on TensorFlow, JAX and PyTorch alike.
"""

from typing import Literal, TypeAlias

import keras
import numpy as np

from classifier.engines.taps import tapped
from training.errors import TrainingError, Unservable

Stage: TypeAlias = Literal["head", "deep"]
HEAD = "head"
DROPOUT = 0.2
DECAY = 0.05  # of the head's squared weights: 250 pictures leave much open


class NoSuchLayer(TrainingError):
    """The base has no layer of the name that is to be frozen up to."""


class FineStep:
    """A Step (see `training.step`) whose trainable part depends on the stage.

    Normalization layers of the base keep their statistics in both: those of so few pictures are worse.
    """

    def __init__(self, base: keras.Model, classes: int, freeze_to: str) -> None:
        """Replaces the base's last dense layer.

        Raises:
            Unservable: it has none.
            NoSuchLayer
        """
        dense = [each for each in base.layers if isinstance(each, keras.layers.Dense)]
        if not dense:
            raise Unservable(f"{base.name} has no dense layer whose place a new head could take")
        seen = keras.layers.Dropout(DROPOUT, name="dropout_of_head")(dense[-1].input)
        decay = keras.regularizers.L2(DECAY)
        head = keras.layers.Dense(classes, dtype="float32", name=HEAD, kernel_regularizer=decay)
        logits = head(seen)
        self.model = keras.Model(base.inputs[0], logits, name=f"{base.name}-finetuned")
        names = [layer.name for layer in self.model.layers]
        if freeze_to not in names[:-2]:
            raise NoSuchLayer(f"no layer {freeze_to!r} to freeze up to; {', '.join(names[:-2])}")
        self._frozen = set(names[: names.index(freeze_to) + 1])
        self.stage: Stage | None = None

    def enter(self, stage: Stage) -> None:
        """Choose what learns from now on, with a new optimizer."""
        self.stage = stage
        for layer in self.model.layers:
            deep = stage == "deep" and layer.name not in self._frozen
            normal = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = layer.name == HEAD or (deep and not normal)
        self.optimizer = keras.optimizers.Adam()
        self.optimizer.build(self.model.trainable_variables)
        self.model.compile(
            self.optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        )

    def train(self, pictures: np.ndarray, labels: np.ndarray, rate: float) -> float:
        """See Step.train."""
        self.optimizer.learning_rate = rate
        return float(self.model.train_on_batch(pictures.astype(np.float32), labels))

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """See Step.logits."""
        return np.asarray(self.model.predict_on_batch(pictures.astype(np.float32)))


def usual_cut(base: keras.Model, side: int) -> str:
    """The last layer before the network's last grid: what follows sees the picture as a whole.

    Raises:
        Unservable: no layer has a grid.
    """
    grids = [
        (layer.name, layer.shape[0]) for layer in tapped(base, side).layers if len(layer.shape) == 3
    ]
    if not grids:
        raise Unservable(f"{base.name} has no layer with a grid: say --freeze-to LAYER")
    before = [name for name, length in grids if length > grids[-1][1]]
    return before[-1] if before else grids[0][0]
