"""A base with a new head: first the head learns, then the layers before it, at a lower rate.

Through Keras alone, so on TensorFlow, JAX and PyTorch alike.
"""

from typing import Literal, TypeAlias

import keras
import numpy as np

from classifier.engines.taps import tapped
from training.decoded import Split
from training.errors import TrainingError, Unservable
from training.finetune_head import HEAD, START, Head
from training.keras_step import TOP, compiling
from training.step import Trained

Stage: TypeAlias = Literal["head", "deep"]


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
        self._head = Head(base.inputs[0], dense[-1], classes)
        self.model = keras.Model(base.inputs[0], self._head.logits, name=f"{base.name}-finetuned")
        names = [layer.name for layer in base.layers]
        names = names[: names.index(dense[-1].name)]
        if freeze_to not in names:
            raise NoSuchLayer(f"no layer {freeze_to!r} to freeze up to; {', '.join(names)}")
        self._frozen = set(names[: names.index(freeze_to) + 1])
        self.stage: Stage | None = None
        self._classes = classes

    def begin(self, learn: Split) -> None:
        """Have the head begin with what the base knows of the pictures to learn from."""
        self._head.begin(learn)

    def enter(self, stage: Stage) -> None:
        """Choose what learns from now on, with a new optimizer."""
        self.stage = stage
        for layer in self.model.layers:
            deep = stage == "deep" and layer.name not in self._frozen
            stays = layer.name == START or isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = layer.name == HEAD or (deep and not stays)
        self.optimizer = keras.optimizers.Adam()
        self.optimizer.build(self.model.trainable_variables)
        self.model.compile(
            self.optimizer,
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=[
                keras.metrics.SparseCategoricalAccuracy(),
                keras.metrics.SparseTopKCategoricalAccuracy(min(TOP, self._classes)),
            ],
            jit_compile=compiling(),
        )

    def train(self, pictures: np.ndarray, labels: np.ndarray, rate: float) -> Trained:
        """See Step.train."""
        self.optimizer.learning_rate = rate
        found = self.model.train_on_batch(pictures.astype(np.float32), labels)
        return Trained(*(float(each) for each in found))

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """See Step.logits."""
        return np.asarray(self.model.predict_on_batch(pictures.astype(np.float32)))

    def plain(self) -> keras.Model:
        """See Step.plain."""
        return self._head.merged(self.model.name)


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
