"""Reads layers through Keras, of bundles that carry a Keras network and no layers of their own."""

import threading
from typing import Any

import keras
import numpy as np

from classifier.bundle import Bundle
from classifier.engines.taps import tapped
from classifier.errors import BundleBroken
from classifier.layers import Layer, found


class KerasLayers:
    """The layers of one bundle; satisfies `LayerEngine`."""

    def __init__(self, bundle: Bundle) -> None:
        """Reads model.keras.

        Raises:
            BundleBroken: it is absent or damaged.
            Untappable: it is no graph of layers.
        """
        path = bundle.keras
        try:
            model = keras.saving.load_model(path, compile=False)
        except (ValueError, TypeError, OSError) as error:
            raise BundleBroken(f"{path} cannot be read: {error}") from error
        taps = tapped(model, bundle.manifest.preprocessing.side)
        self.layers: tuple[Layer, ...] = taps.layers
        self._inputs = taps.network.inputs
        self._outputs = dict(zip(taps.names, taps.network.outputs, strict=True))
        self._lock = threading.Lock()

    def activation(self, picture: np.ndarray, layer: str) -> np.ndarray:
        """See LayerEngine.activation."""
        name = found(self.layers, layer).name
        with self._lock:
            part: Any = keras.Model(self._inputs, self._outputs[name])
            given = part(picture[None].astype(np.float32), training=False)
            return np.array(keras.ops.convert_to_numpy(given)[0], np.float32)
