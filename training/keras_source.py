"""A Keras network from a file, as bundles hold it: pictures of 0..255 to logits, layers side by side."""

import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from training.errors import NotAModel, Unservable
from training.foreign import OFF
from training.pixels import Pixels
from training.shapes import class_count, picture_input

_TINY = 1e-30  # the logarithm of a probability of 0 has to be a number


def read(path: Path) -> keras.Model:
    """The model in a .keras or .h5 file; no code in it is run.

    Raises:
        NotAModel: Keras cannot read it.
    """
    try:
        return keras.saving.load_model(path, compile=False)
    except MemoryError:
        raise
    except Exception as error:  # Keras raises whatever a file makes it raise
        hint = ""
        if "No model config" in str(error):
            hint = " (a file of weights alone: name its architecture and give it as --weights)"
        raise NotAModel(f"{path} is no Keras model: {_first_line(error)}{hint}") from error


def load_weights(model: keras.Model, path: Path) -> None:
    """Puts a file's weights (.weights.h5, .h5 or .keras) into a model of the same architecture.

    Raises:
        NotAModel: it holds none, or those of another architecture.
    """
    try:
        with warnings.catch_warnings():
            # Keras only warns of layers that it leaves as random as they were.
            warnings.filterwarnings("error", category=UserWarning)
            model.load_weights(path)
    except MemoryError:
        raise
    except Exception as error:
        raise NotAModel(f"{path} holds no weights of {model.name}: {_first_line(error)}") from error


def logits_network(model: keras.Model, pixels: Pixels, side: int | None, where: str) -> keras.Model:
    """The network with what precedes and follows it: float32 (N, side, side, 3), RGB, to logits (N, classes).

    Args:
        model: its outputs may be probabilities or logits; it is taken apart.

    Raises:
        Unservable: no picture can be cut to its input, or its outputs are no scores.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise Unservable(
            f"{where} has {len(model.inputs)} inputs and {len(model.outputs)} outputs: "
            "one picture and one score for each class are wanted"
        )
    picture = picture_input(model.inputs[0].shape, side, where)
    if picture.layout != "NHWC":
        raise Unservable(f"{where} takes colors first (NCHW), which Keras does not compute on CPUs")
    class_count(model.outputs[0].shape, where)
    body = _without_softmax(model, where)
    inputs = keras.Input((picture.side, picture.side, 3), name="picture")
    # Called as a layer it would be one layer of the result; this way its layers are those of the result.
    scores = body.call(_scaled(inputs, pixels))
    return keras.Model(inputs, _as_logits(inputs, scores, where), name=model.name)


def _without_softmax(model: keras.Model, where: str) -> keras.Model:
    last: Any = model.outputs[0]._keras_history.operation
    activation = getattr(last, "activation", None)
    if activation is keras.activations.sigmoid and model.outputs[0].shape[-1] > 1:
        raise Unservable(f"{where} judges each class by itself (sigmoid), not which one it is")
    if isinstance(last, layers.Softmax) or (
        isinstance(last, layers.Activation) and activation is keras.activations.softmax
    ):
        return keras.Model(model.inputs[0], last.input)
    if activation is keras.activations.softmax:
        last.activation = keras.activations.linear
    return model


def _as_logits(inputs: Any, scores: Any, where: str) -> Any:
    """The scores themselves, or their logarithm where they are probabilities: softmax gives them back."""
    if len(scores.shape) != 2:
        scores = layers.Flatten()(scores)
    side = inputs.shape[1]
    noise = np.random.default_rng(0).integers(0, 256, (2, side, side, 3)).astype(np.float32)
    rows = np.asarray(keras.Model(inputs, scores).predict_on_batch(noise))
    if not np.isfinite(rows).all():
        raise Unservable(f"{where} answers with values that are no numbers; is --scale right?")
    if (rows >= 0).all() and np.abs(rows.sum(axis=1) - 1).max() < OFF:
        return keras.ops.log(keras.ops.maximum(scores, _TINY))
    return scores


def _scaled(pictures: Any, pixels: Pixels) -> Any:
    """(byte / scale - mean) / std."""
    if pixels.plain:
        return pictures
    if pixels.color == "bgr":
        pictures = keras.ops.flip(pictures, axis=-1)
    factor = [1 / (pixels.scale * std) for std in pixels.std]
    offset = [-mean / std for mean, std in zip(pixels.mean, pixels.std, strict=True)]
    return layers.Rescaling(factor, offset=offset, name="to_input")(pictures)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
