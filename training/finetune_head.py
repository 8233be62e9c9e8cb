"""A head that begins with what the base already calls the new classes' pictures."""

from collections.abc import Iterator

import keras
import numpy as np

from training.decoded import Split

HEAD, START = "head", "head_start"
DROPOUT = 0.2
DECAY = 0.05  # of the squares of what is learned: 250 pictures leave much open
BATCH = 256  # pictures


class Head:
    """The sum of two dense layers on what the base's last one sees: one stays as it begins, one learns.

    The penalty is thus on the way from the beginning, not on the weights (L2-SP; Li, Grandvalet and Davoine,
    "Explicit Inductive Bias for Transfer Learning with Convolutional Networks", 2018).

    Args:
        last: the base's last dense layer.
        classes: new ones.
    """

    def __init__(self, inputs: keras.KerasTensor, last: keras.layers.Dense, classes: int) -> None:
        self._inputs, self._last = inputs, last
        zeros = {"kernel_initializer": "zeros", "dtype": "float32"}
        self._start = keras.layers.Dense(classes, name=START, trainable=False, **zeros)
        decay = keras.regularizers.L2(DECAY)
        self._learned = keras.layers.Dense(classes, name=HEAD, kernel_regularizer=decay, **zeros)
        dropout = keras.layers.Dropout(DROPOUT, name="dropout_of_head")
        parts = [self._start(last.input), self._learned(dropout(last.input))]
        # A name of its own: the base may have an "add", which is what Keras would call it.
        self.logits = keras.layers.Add(name="head_sum")(parts)

    def begin(self, learn: Split) -> None:
        """Begin each class with the base's own rows, mixed as its pictures are called by them."""
        kernel = _array(self._last.kernel)
        bias = np.zeros(kernel.shape[1]) if self._last.bias is None else _array(self._last.bias)
        mixed = mixture(self._shares(learn, kernel, bias), learn.labels)
        self._start.set_weights([kernel @ mixed, bias @ mixed])

    def merged(self, name: str) -> keras.Model:
        """The network with both parts in one dense layer."""
        one = keras.layers.Dense(self._start.units, name=HEAD, dtype="float32")
        logits = one(self._last.input)
        parts = zip(self._start.get_weights(), self._learned.get_weights(), strict=True)
        one.set_weights([fixed + learned for fixed, learned in parts])
        return keras.Model(self._inputs, logits, name=name)

    def _shares(self, learn: Split, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """float32 (N, classes of the base), each row's sum 1."""
        seeing = keras.Model(self._inputs, self._last.input)
        seen = [_array(seeing.predict_on_batch(batch)) for batch in _batches(learn)]
        logits = np.concatenate(seen) @ kernel + bias
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: np.ndarray = likely / likely.sum(axis=1, keepdims=True)
        return shares


def mixture(shares: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How much of each of the base's classes a new class is.

    Each counts by how likely the base finds it in the new class's pictures, times the part of it that falls
    to this new class and not to another: what all of them look like tells none of them apart.

    Args:
        shares: float32 (N, classes of the base), each row's sum 1.
        labels: int (N,), of the new classes, each of which occurs.

    Returns:
        float32 (classes of the base, new classes), each column's sum 1.
    """
    mean = np.stack([shares[labels == at].mean(axis=0) for at in range(labels.max() + 1)])
    own = mean * mean / np.maximum(mean.sum(axis=0), np.finfo(np.float32).tiny)
    mixed: np.ndarray = (own / own.sum(axis=1, keepdims=True)).T
    return mixed


def _batches(learn: Split) -> Iterator[np.ndarray]:
    for at in range(0, len(learn.labels), BATCH):
        yield np.asarray(learn.pictures[at : at + BATCH]).astype(np.float32)


def _array(weight: object) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(weight), np.float32)
