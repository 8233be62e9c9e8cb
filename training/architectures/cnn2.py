"""A plain convolutional network for 64x64 pictures: six convolutions, four poolings, three normalizations."""

import keras
from keras import layers

from training.architectures.plain import conv, scaled

EARLY, LATE = 0.25, 0.5  # dropout: the literature does not state it


def build(classes: int, side: int = 64, early: float = EARLY, dropout: float = LATE) -> keras.Model:
    """Pictures (N, side, side, 3) of 0..255 to logits (N, classes)."""
    inputs = keras.Input((side, side, 3), name="picture")
    x = scaled(inputs)
    for filters in ((32, 32), (32, 64)):
        for count in filters:
            x = conv(x, count)
        x = layers.BatchNormalization()(layers.MaxPooling2D()(x))
        x = layers.Dropout(early)(x)
    x = layers.MaxPooling2D()(conv(x, 128))
    x = layers.BatchNormalization()(layers.MaxPooling2D()(conv(x, 128)))
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    for width in (512, 1024):
        x = layers.Dense(width, activation="relu")(x)
    return keras.Model(
        inputs, layers.Dense(classes, dtype="float32", name="logits")(x), name="cnn2"
    )
