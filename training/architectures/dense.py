"""The small dense network of the original service: one hidden layer over all pixels."""

import keras
from keras import layers

from training.architectures.plain import scaled

DROPOUT = 0.2


def build(
    classes: int, side: int = 32, gray: bool = False, dropout: float = DROPOUT
) -> keras.Model:
    """Pictures (N, side, side, 3) of 0..255 to logits (N, classes); of one brightness a pixel when `gray`."""
    inputs = keras.Input((side, side, 3), name="picture")
    x = scaled(inputs)
    if gray:
        x = keras.ops.mean(x, axis=-1, keepdims=True)
    x = layers.Dense(128, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(dropout)(x)
    return keras.Model(
        inputs, layers.Dense(classes, dtype="float32", name="logits")(x), name="dense"
    )
