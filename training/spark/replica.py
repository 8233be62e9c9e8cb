"""One copy of the network, whose gradients are summed with those of the others. TensorFlow.

What leaves a replica in an update is one vector: the gradient of its part's loss, what its layers keep beside
their weights (the moving averages of batch normalization), and the loss with the pictures that were right.
Each is already weighed by the part's share of the batch, so that the sum over all parts is what one process
would have had: mean loss, its gradient, the mean of the averages.
"""

import io
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from training.architectures.known import Pictures, build, plain
from training.recipe import Recipe
from training.spark.errors import BackendUnfit
from training.step import one_hot

MEASURED = 3  # loss, top-1 and top-5, at the vector's end
TOP = 5


class Replica:
    """A network and its optimizer. See `training.step.Step` for what its attributes are for."""

    def __init__(self, model: keras.Model, recipe: Recipe) -> None:
        self.model = model
        self._recipe = recipe
        self.optimizer = recipe.optimizer.made()
        self.optimizer.build(model.trainable_variables)
        self._classes = int(model.output_shape[-1])
        self._loss = keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=recipe.smoothing, reduction="sum"
        )
        self._top = min(TOP, self._classes)
        self._moving = [each for each in model.non_trainable_weights if each.dtype == "float32"]
        self.size = sum(
            int(np.prod(each.shape)) for each in [*model.trainable_variables, *self._moving]
        )
        self._predict = tf.function(self._scores, reduce_retracing=True)

    def part(self, pictures: Any, labels: Any, count: Any) -> Any:
        """What this part adds to the batch's vector; float32 (size + MEASURED,).

        Args:
            pictures: uint8 (N, H, W, 3), a tensor.
            labels: float32 (N, classes).
            count: pictures of all parts together, float32.
        """
        share = tf.cast(tf.shape(pictures)[0], tf.float32) / count
        with tf.GradientTape() as tape:
            logits = tf.cast(self.model(tf.cast(pictures, tf.float32), training=True), tf.float32)
            loss = self._loss(labels, logits) / count
            total = loss + share * tf.add_n([tf.constant(0.0), *self.model.losses])
        weights = [each.value for each in self.model.trainable_variables]
        gradients = tape.gradient(total, weights)
        truth = tf.argmax(labels, axis=1)
        first = tf.equal(tf.argmax(logits, axis=1), truth)
        among = tf.math.in_top_k(truth, logits, self._top)
        right = [tf.reduce_sum(tf.cast(each, tf.float32)) / count for each in (first, among)]
        moving = [share * each.value for each in self._moving]
        flat = [tf.reshape(each, [-1]) for each in [*gradients, *moving]]
        return tf.concat([*flat, tf.stack([loss, *right])], axis=0)

    def apply(self, vector: Any, rate: Any) -> Any:
        """One update by the sum of all parts; the measured numbers at its end, float32 (3,)."""
        variables = self.model.trainable_variables
        shapes = [each.shape for each in [*variables, *self._moving]]
        sizes = [int(np.prod(shape)) for shape in shapes]
        pieces = tf.split(vector, [*sizes, MEASURED])
        shaped = [tf.reshape(piece, shape) for piece, shape in zip(pieces, shapes, strict=False)]
        self.optimizer.learning_rate.assign(rate)
        self.optimizer.apply(shaped[: len(variables)], variables)
        for variable, value in zip(self._moving, shaped[len(variables) :], strict=True):
            variable.assign(value)
        return pieces[-1]

    def step(self, total: Callable[[Any], Any]) -> Callable[..., tuple[float, ...]]:
        """A compiled update, of pictures, labels, a rate and the pictures of all parts; see Trained.

        Args:
            total: sums a vector over all replicas; traced, not run.
        """

        @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
        def update(pictures: Any, labels: Any, count: Any, rate: Any) -> Any:
            return self.apply(total(self.part(pictures, labels, count)), rate)

        def run(
            pictures: np.ndarray, labels: np.ndarray, rate: float, count: int
        ) -> tuple[float, ...]:
            wanted = self._tensors(pictures, labels, count)
            return tuple(map(float, update(*wanted, tf.constant(rate)).numpy()))

        return run

    def update(self) -> Callable[[np.ndarray, float], tuple[float, ...]]:
        """A compiled `apply`."""
        compiled = tf.function(self.apply)

        def run(vector: np.ndarray, rate: float) -> tuple[float, ...]:
            return tuple(map(float, compiled(tf.constant(vector), tf.constant(rate)).numpy()))

        return run

    def gradient(self) -> Callable[..., np.ndarray]:
        """A compiled `part`, of pictures, labels and the pictures of all parts."""
        compiled = tf.function(self.part, reduce_retracing=True)
        return lambda *given: np.asarray(compiled(*self._tensors(*given)))

    def _tensors(self, pictures: np.ndarray, labels: np.ndarray, count: int) -> tuple[Any, ...]:
        targets = one_hot(labels, self._classes)
        return tf.constant(pictures), tf.constant(targets), tf.constant(float(count))

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """See Step."""
        return np.asarray(self._predict(tf.constant(pictures)))

    def plain(self) -> keras.Model:
        """See Step."""
        return plain(self._recipe, self.model)

    def dealt(self, seed: int, rank: int, update: int) -> None:
        """Let dropout differ by run, replica and layer, and be the same when an update is made again."""
        states = (
            each for each in self.model.variables if "seed" in each.name and each.dtype != "float32"
        )
        for layer, state in enumerate(states):
            drawn = np.random.SeedSequence([seed, rank, update, layer])
            state.assign(drawn.generate_state(2, np.uint32))

    def state(self) -> bytes:
        """All that a run keeps of the replica, as `restore` takes it."""
        room = io.BytesIO()
        np.savez(room, *[keras.ops.convert_to_numpy(each) for each in self._kept()])
        return room.getvalue()

    def restore(self, state: bytes) -> None:
        """Put another replica's state into this one."""
        with np.load(io.BytesIO(state), allow_pickle=False) as arrays:
            for at, variable in enumerate(self._kept()):
                variable.assign(arrays[f"arr_{at}"])
        self._settle()

    def weights(self) -> np.ndarray:
        """The network's, float32 (size,): what gradients are taken at."""
        kept = [*self.model.trainable_variables, *self._moving]
        return np.concatenate([keras.ops.convert_to_numpy(each).ravel() for each in kept])

    def take(self, weights: np.ndarray) -> None:
        """Set the network's weights, in `weights`' form."""
        at = 0
        for variable in [*self.model.trainable_variables, *self._moving]:
            size = int(np.prod(variable.shape))
            variable.assign(weights[at : at + size].reshape(variable.shape))
            at += size
        self._settle()

    def _settle(self) -> None:
        """Layers that standardize pictures compute with what follows from their variables."""
        for layer in self.model.layers:
            if isinstance(layer, keras.layers.Normalization):
                layer.finalize_state()

    def _kept(self) -> list[Any]:
        return [*self.model.variables, *self.optimizer.variables]

    def _scores(self, pictures: Any) -> Any:
        return tf.cast(self.model(tf.cast(pictures, tf.float32), training=False), tf.float32)


def built(recipe: Recipe, classes: int, pictures: Pictures | None = None) -> Replica:
    """A copy of the recipe's network, with random weights.

    Args:
        pictures: see `training.architectures.known.build`.

    Raises:
        BackendUnfit: Keras does not run on TensorFlow.
    """
    check_backend()
    return Replica(build(recipe, classes, pictures), recipe)


def check_backend() -> None:
    """Raises BackendUnfit where Keras does not run on TensorFlow."""
    found = keras.backend.backend()
    if found != "tensorflow":
        raise BackendUnfit(
            f"Keras runs on {found}, and executors sum their gradients through TensorFlow: "
            "set KERAS_BACKEND=tensorflow"
        )
