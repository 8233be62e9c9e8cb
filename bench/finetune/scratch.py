"""The same architecture taught the same pictures as often from nothing, at one rate that nobody tuned."""

import math
from pathlib import Path

import keras
import numpy as np

from classifier.limits import ImageLimits
from classifier.manifest import Preprocessing
from classifier.preprocess import prepare

BATCH, RATE, SHIFT = 32, 1e-3, 6  # pictures, Adam's, pixels


def arrays(folder: Path, spec: Preprocessing) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 (N, side, side, 3) and their classes (N,), by the folders' names in order."""
    rows = [
        (prepare(path.read_bytes(), spec, ImageLimits()), at)
        for at, kind in enumerate(sorted(folder.iterdir()))
        for path in sorted(kind.iterdir())
    ]
    return np.stack([picture for picture, _ in rows]), np.array([label for _, label in rows])


def from_nothing(base: keras.Model, classes: int, seed: int) -> keras.Model:
    """The base's layers with new random weights, all of them trainable, and a head for so many classes."""
    keras.utils.set_random_seed(seed)
    again = keras.models.clone_model(base)
    again.trainable = True
    logits = keras.layers.Dense(classes, name="head")(again.layers[-1].input)
    return keras.Model(again.inputs, logits)


def taught(
    model: keras.Model, learn: tuple[np.ndarray, np.ndarray], epochs: int, seed: int
) -> None:
    """Adam over half a cosine, pictures shifted and mirrored."""
    pictures, labels = learn
    optimizer = keras.optimizers.Adam(RATE)
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    steps, done = epochs * math.ceil(len(labels) / BATCH), 0
    for epoch in range(epochs):
        random = np.random.default_rng([seed, epoch])
        order = random.permutation(len(labels))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            optimizer.learning_rate = RATE * (1 + math.cos(math.pi * done / steps)) / 2
            batch = np.stack([_varied(pictures[at], random) for at in chosen])
            model.train_on_batch(batch.astype(np.float32), labels[chosen])
            done += 1


def right(model: keras.Model, measure: tuple[np.ndarray, np.ndarray]) -> float:
    """The share of pictures whose class is the likeliest."""
    logits = model.predict_on_batch(measure[0].astype(np.float32))
    return float((np.asarray(logits).argmax(axis=1) == measure[1]).mean())


def _varied(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    height, width, _ = picture.shape
    edge = (SHIFT, SHIFT)
    padded = np.pad(picture, (edge, edge, (0, 0)), mode="reflect")
    top, left = random.integers(0, 2 * SHIFT + 1, 2)
    cut = padded[top : top + height, left : left + width]
    return cut[:, ::-1] if random.random() < 0.5 else cut
