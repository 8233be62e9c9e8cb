"""A plain convolutional network for 64x64 pictures: four convolutions, each with a pooling behind it."""

import keras
from keras import layers

from training.architectures.plain import conv, scaled

DROPOUT = 0.5  # the literature does not state it
FILTERS = (32, 64, 128, 128)


def build(classes: int, side: int = 64, dropout: float = DROPOUT) -> keras.Model:
    """Pictures (N, side, side, 3) of 0..255 to logits (N, classes)."""
    inputs = keras.Input((side, side, 3), name="picture")
    x = scaled(inputs)
    for filters in FILTERS:
        x = layers.MaxPooling2D()(conv(x, filters))
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    x = layers.Dense(512, activation="relu")(x)
    return keras.Model(
        inputs, layers.Dense(classes, dtype="float32", name="logits")(x), name="cnn1"
    )
