"""From a Keras network to the OpenVINO network that the workers serve."""

import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZIP_DEFLATED as DEFLATED

import keras
import nncf
import numpy as np
import openvino
from openvino.preprocess import PrePostProcessor

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


def quantized(network: openvino.Model, pictures: np.ndarray) -> openvino.Model:
    """int8 weights and activations, ranges taken from `pictures`, uint8 (N, side, side, 3)."""
    samples: Iterable[np.ndarray] = (picture[None].astype(np.float32) for picture in pictures)
    return nncf.quantize(
        network,
        nncf.Dataset(list(samples)),
        subset_size=len(pictures),
        preset=nncf.QuantizationPreset.MIXED,
        fast_bias_correction=False,
    )


def taking_bytes(network: openvino.Model) -> openvino.Model:
    """The same network fed with uint8, so that the workers hand over pictures as decoded."""
    steps = PrePostProcessor(network)
    steps.input().tensor().set_element_type(openvino.Type.u8)
    return steps.build()


def save_keras(model: keras.Model, path: Path) -> None:
    """Writes the network without optimizer state; deflated, which Keras reads as it is."""
    with tempfile.TemporaryDirectory() as folder:
        loose = Path(folder) / path.name
        model.save(loose)
        with zipfile.ZipFile(loose) as source, zipfile.ZipFile(path, "w", DEFLATED) as target:
            for entry in source.infolist():
                target.writestr(
                    zipfile.ZipInfo(entry.filename, EPOCH), source.read(entry), DEFLATED
                )


def save(network: openvino.Model, path: Path) -> None:
    """Writes `path` and its .bin; float weights are kept as f16."""
    openvino.save_model(network, path, compress_to_fp16=True)
