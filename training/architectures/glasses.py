"""A small network for 80x80 pictures, each pixel standardized by its mean and deviation over the data.

The literature's variant I has two convolution blocks, its variant II twice the filters; a block is read as
three convolutions and their pooling.
"""

import keras
import numpy as np
from keras import layers

from training.architectures.plain import conv

DROPOUT = 0.5  # the literature does not state it


def build(
    classes: int, side: int = 80, blocks: int = 1, filters: int = 16, dropout: float = DROPOUT
) -> keras.Model:
    """Pictures (N, side, side, 3) of 0..255 to logits (N, classes); `standardize` it before it learns."""
    inputs = keras.Input((side, side, 3), name="picture")
    x = layers.Normalization(axis=(1, 2, 3), name="standardized")(inputs)
    for _ in range(blocks):
        for count in (filters, filters, 2 * filters):
            x = conv(x, count)
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(128, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(dropout)(layers.Dense(128, activation="relu")(x))
    return keras.Model(
        inputs, layers.Dense(classes, dtype="float32", name="logits")(x), name="glasses"
    )


def standardize(model: keras.Model, pictures: np.ndarray) -> None:
    """Set each pixel's mean and deviation to those of training pictures, uint8 (N, H, W, 3)."""
    layer = model.get_layer("standardized")
    whole = np.asarray(pictures, np.float32)
    layer.adapt_mean.assign(whole.mean(axis=0))
    layer.adapt_variance.assign(whole.var(axis=0))
    layer.finalize_state()
