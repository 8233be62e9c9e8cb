"""A Keras network with every layer's output among its outputs."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras.src.models.functional import Functional

from classifier.errors import ClassifierError
from classifier.layers import Layer


class Untappable(ClassifierError):
    """The network is no graph of layers from one picture."""


@dataclass(frozen=True)
class Taps:
    """A network at one size with all its layers' outputs as outputs, and the layers' names.

    A network within the network gives its layers as `network/layer`.
    """

    network: keras.Model
    names: tuple[str, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """As a bundle lists them."""
        pairs = zip(self.names, self.network.outputs, strict=True)
        return tuple(Layer(name=name, shape=tuple(each.shape[1:])) for name, each in pairs)

    def activations(self, picture: np.ndarray) -> dict[str, np.ndarray]:
        """What comes out of every layer for a picture uint8 (side, side, 3), without the batch's axis."""
        given = self.network(picture[None].astype(np.float32), training=False)
        values = (keras.ops.convert_to_numpy(each)[0] for each in keras.tree.flatten(given))
        return dict(zip(self.names, values, strict=True))


def tapped(model: keras.Model, side: int) -> Taps:
    """The taps of a network for pictures of one size.

    Raises:
        Untappable: it takes something else than one picture, or is no graph of layers.
    """
    if len(model.inputs) != 1:
        raise Untappable(f"{model.name} has {len(model.inputs)} inputs")
    inputs = keras.Input((side, side, 3), name="picture")
    try:
        _, found = _through(model, inputs)
    except (ValueError, TypeError) as error:
        raise Untappable(f"{model.name} cannot be taken apart: {error}") from error
    return Taps(keras.Model(inputs, list(found.values())), tuple(found))


def _through(model: keras.Model, inputs: Any) -> tuple[Any, dict[str, Any]]:
    """The network's output for an input, and those of its layers by their names."""
    found: dict[str, Any] = {}

    def call(layer: Any, *args: Any, **options: Any) -> Any:
        if not isinstance(layer, keras.Sequential | Functional) or len(layer.outputs) != 1:
            given = layer(*args, **options)
        else:
            within = keras.Input(args[0].shape[1:])
            output, inner = _through(layer, within)
            # A network's layers are taken along through the network's own call.
            network = keras.Model(within, [*inner.values(), output])
            *values, given = network(args[0])
            found.update(zip((f"{layer.name}/{name}" for name in inner), values, strict=True))
        if isinstance(given, keras.KerasTensor):
            found[layer.name] = given
        return given

    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            inputs = call(layer, inputs)
        return inputs, found
    kept = {"clone_function": lambda layer: layer, "call_function": call}
    given = keras.tree.map_structure(lambda _: inputs, model.input)  # it may be a list of one
    clone = keras.models.clone_model(model, given, **kept)
    return keras.tree.flatten(clone.output)[0], found
