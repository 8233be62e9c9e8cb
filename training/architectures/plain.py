"""What the plain networks are made of."""

import keras
from keras import layers


def scaled(pictures: keras.KerasTensor) -> keras.KerasTensor:
    """Bytes to 0..1."""
    return layers.Rescaling(1 / 255)(pictures)


def conv(x: keras.KerasTensor, filters: int, size: int = 3) -> keras.KerasTensor:
    """Convolution and ReLU over padded edges: the grid stays."""
    return layers.Conv2D(filters, size, padding="same", activation="relu")(x)
