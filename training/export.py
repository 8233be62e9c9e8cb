"""From a Keras network to the OpenVINO network that the workers serve."""

import tempfile
import zipfile
from pathlib import Path

import keras
import openvino

from training.network import quantized as quantized
from training.network import save as save
from training.network import taking_bytes as taking_bytes

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can state


def openvino_network(model: keras.Model, side: int) -> openvino.Model:
    """Pictures float32 (N, side, side, 3) of 0..255 to probabilities (N, classes), in float32.

    Softmax is part of the network, so that every engine answers with probabilities.
    """
    inputs = keras.Input((side, side, 3))
    whole = keras.Model(inputs, keras.layers.Softmax()(model(inputs)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.xml"
        whole.export(str(path), format="openvino", verbose=False)
        core = openvino.Core()
        core.set_property({"ENABLE_MMAP": False})  # the file is gone when the network is used
        return core.read_model(path)


def save_keras(model: keras.Model, path: Path) -> None:
    """Writes the network without optimizer state; deflated, which Keras reads as it is."""
    _saved(model, path, zipfile.ZIP_DEFLATED)


def store_keras(model: keras.Model, path: Path) -> None:
    """As `save_keras`, for networks of hundreds of megabytes: deflating takes long and saves a twelfth."""
    _saved(model, path, zipfile.ZIP_STORED)


def _saved(model: keras.Model, path: Path, method: int) -> None:
    """The same bytes for the same model."""
    with tempfile.TemporaryDirectory() as folder:
        loose = Path(folder) / path.name
        model.save(loose)
        with zipfile.ZipFile(loose) as source, zipfile.ZipFile(path, "w", method) as target:
            for entry in source.infolist():
                target.writestr(zipfile.ZipInfo(entry.filename, EPOCH), source.read(entry), method)
