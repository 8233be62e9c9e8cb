"""The zoo's networks, built by Keras Applications: pictures of 0..255 RGB to logits.

Each picture is scaled by the network itself, as its literature scales it, so that every engine is fed the
same bytes. All layers lie side by side in one model, under the names that Keras Applications gives them.
"""

import keras
from keras import layers

from classifier.zoo import CLASSES, Architecture
from training.pixels import CAFFE


def build(architecture: Architecture, classes: int = CLASSES) -> keras.Model:
    """The network with random weights: float32 (N, side, side, 3) to logits (N, classes)."""
    side = architecture.preprocessing.side
    inputs = keras.Input((side, side, 3), name="picture")
    made = getattr(keras.applications, architecture.application)(
        weights=None,
        input_tensor=scaled(inputs, architecture.scaling),
        classes=classes,
        classifier_activation=None,
    )
    return keras.Model(inputs, made.output, name=architecture.name)


def scaled(pictures: keras.KerasTensor, scaling: str) -> keras.KerasTensor:
    """Values of 0..255, RGB, as the weights want them."""
    if scaling == "signed":
        return layers.Rescaling(1 / 127.5, offset=-1.0, name="to_signed")(pictures)
    if scaling == "caffe":
        turned = keras.ops.flip(pictures, axis=-1)
        less = [-each for each in CAFFE.mean]
        return layers.Rescaling(1.0, offset=less, name="less_mean")(turned)
    return pictures
