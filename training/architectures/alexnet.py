"""The network of Krizhevsky, Sutskever and Hinton (2012), and a form of it for pictures of 64 pixels.

Figure 2 and section 3.5 of the paper, on one device: no convolution is split in two. Its local response
normalization is left out, as in most later forms. In the 64-pixel form the first convolution is 5x5 with
stride 2 over padded edges, so that grids of 32, 15, 7 and 3 follow instead of 55, 27, 13 and 6.
"""

import keras
from keras import layers

from training.architectures.plain import conv, scaled

DROPOUT = 0.5
DENSE = 4096


def build(classes: int, side: int = 227, dropout: float = DROPOUT) -> keras.Model:
    """Pictures (N, side, side, 3) of 0..255 to logits (N, classes)."""
    inputs = keras.Input((side, side, 3), name="picture")
    first = layers.Conv2D(96, 11, strides=4, activation="relu")(scaled(inputs))
    return keras.Model(inputs, _rest(first, classes, dropout), name="alexnet")


def build_64(classes: int, side: int = 64, dropout: float = DROPOUT) -> keras.Model:
    """The same for smaller pictures."""
    inputs = keras.Input((side, side, 3), name="picture")
    first = layers.Conv2D(96, 5, strides=2, padding="same", activation="relu")(scaled(inputs))
    return keras.Model(inputs, _rest(first, classes, dropout), name="alexnet-64")


def _rest(x: keras.KerasTensor, classes: int, dropout: float) -> keras.KerasTensor:
    x = layers.MaxPooling2D(3, 2)(x)
    x = layers.MaxPooling2D(3, 2)(conv(x, 256, 5))
    for filters in (384, 384, 256):
        x = conv(x, filters)
    x = layers.Flatten()(layers.MaxPooling2D(3, 2)(x))
    for _ in range(2):
        x = layers.Dropout(dropout)(layers.Dense(DENSE, activation="relu")(x))
    return layers.Dense(classes, dtype="float32", name="logits")(x)
