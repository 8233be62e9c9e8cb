"""Reads layers through OpenVINO, in float32.

For each layer the part of the network before it is compiled, when it is first asked for.
"""

import gzip
import threading
import zipfile
import zlib
from collections import OrderedDict
from typing import Any

import numpy as np

from classifier.bundle import Bundle
from classifier.engines.runtime import runtime
from classifier.errors import BundleBroken
from classifier.layers import GRAPH, REST, Layer, found, listed

KEPT = 4  # layers that stay compiled; the earlier parts of a network are much of its later ones
THREADS = 1  # of the engine: whoever classifies beside it keeps the other cores
HDF5 = "model.weights.h5"  # of a .keras file
FLOAT32 = {
    "INFERENCE_PRECISION_HINT": "f32",
    "EXECUTION_MODE_HINT": "ACCURACY",
    "ENABLE_CPU_PINNING": "NO",
    "INFERENCE_NUM_THREADS": str(THREADS),
}


class OpenVinoLayers:
    """The layers of one bundle; satisfies `LayerEngine`."""

    def __init__(self, network: Any, layers: tuple[Layer, ...], core: Any) -> None:
        self.layers = layers
        self._outputs = {name: at for at, each in enumerate(network.outputs) for name in each.names}
        self._network = network
        self._core = core
        self._compiled: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def load(cls, bundle: Bundle) -> "OpenVinoLayers":
        """Reads the graph; nothing is compiled yet.

        Raises:
            NoLayers: the bundle carries none.
            BundleBroken: one of its files is damaged.
        """
        layers = listed(bundle)
        path = bundle.file(GRAPH)
        try:
            return cls.read(gzip.decompress(path.read_bytes()), weights_of(bundle), layers)
        except (RuntimeError, OSError, EOFError, zlib.error) as error:
            raise BundleBroken(f"{path} cannot be read: {error}") from error

    @classmethod
    def read(cls, graph: bytes, weights: bytes, layers: tuple[Layer, ...]) -> "OpenVinoLayers":
        """From the parts; raises RuntimeError where they do not fit."""
        core = runtime.Core()
        kept = runtime.Tensor(np.frombuffer(weights, np.uint8))
        return cls(core.read_model(graph, kept), layers, core)

    def activation(self, picture: np.ndarray, layer: str) -> np.ndarray:
        """See LayerEngine.activation."""
        name = found(self.layers, layer).name
        with self._lock:
            request = self._ready(name).create_infer_request()
            request.infer(runtime.Tensor(np.ascontiguousarray(picture[None])), False, False)
            return np.array(request.get_output_tensor(0).data[0], np.float32)

    def activations(self, picture: np.ndarray) -> dict[str, np.ndarray]:
        """What comes out of every layer, whatever its size; compiled for this once."""
        compiled = self._core.compile_model(self._network, "CPU", FLOAT32)
        request = compiled.create_infer_request()
        request.infer(runtime.Tensor(np.ascontiguousarray(picture[None])), False, False)
        values = {
            layer.name: request.get_output_tensor(self._outputs[layer.name])
            for layer in self.layers
        }
        return {name: np.array(each.data[0], np.float32) for name, each in values.items()}

    def _ready(self, name: str) -> Any:
        if name not in self._compiled:
            self._compiled[name] = self._core.compile_model(self._part(name), "CPU", FLOAT32)
            if len(self._compiled) > KEPT:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(name)
        return self._compiled[name]

    def _part(self, name: str) -> Any:
        result = self._network.get_results()[self._outputs[name]]
        return runtime.Model([result], self._network.get_parameters(), name)


def weights_of(bundle: Bundle) -> bytes:
    """What offsets in the graph count in: the HDF5 file inside model.keras, and layers.bin behind it.

    Raises:
        BundleBroken: a file is absent or damaged.
    """
    path = bundle.keras
    try:
        with zipfile.ZipFile(path) as keras:
            inside = keras.read(HDF5)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise BundleBroken(f"{path} cannot be read: {error}") from error
    return inside + bundle.file(REST).read_bytes()
