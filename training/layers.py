"""Writes what a bundle's layers are read from: a float32 network whose outputs are those of its layers.

It holds hardly any weights: they are in `model.keras` already, uncompressed within its HDF5 file, and the
graph says at which byte. OpenVINO keeps kernels as (out, in, height, width) and Keras as (height, width, in,
out), so the graph turns them, once, when it is compiled. See docs/decisions/0025-layers.md.
"""

import gzip
import re
import tempfile
import xml.etree.ElementTree as Xml
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import openvino
from openvino import opset13 as ops

from classifier.bundle import KERAS
from classifier.engines.layers import HDF5, OpenVinoLayers
from classifier.engines.taps import Taps, Untappable, tapped
from classifier.layers import FLOAT, GRAPH, LISTING, REST, Layer, written
from training.atomic import write
from training.errors import TrainingError
from training.export import taking_bytes

WORTH = 1024  # bytes; what is smaller is written again
ALIGNED = 16  # bytes that begin a constant
TOLERANCE = 1e-4  # see `difference`
TURNS: dict[int, tuple[tuple[int, ...], ...]] = {
    # From OpenVINO's axes to Keras' own: dense kernels, convolutions, depthwise convolutions.
    2: ((1, 0),),
    4: ((2, 3, 1, 0),),
    5: ((3, 4, 0, 1, 2), (3, 4, 2, 0, 1)),
}
_EXPORTED = re.compile(r"Identity(?:_(\d+))?:0")


class LayersUnreadable(TrainingError):
    """The network cannot be turned into one whose layers are read; its bundle is made without."""


def add_layers(folder: Path, model: keras.Model, side: int) -> tuple[Layer, ...]:
    """Writes layers.json, layers.xml.gz and layers.bin beside model.keras, which is there; the layers.

    Args:
        folder: a bundle's, or what becomes one.
        model: the network of model.keras: pictures (N, side, side, 3) of 0..255 in.
        side: pixels.

    Raises:
        LayersUnreadable: OpenVINO cannot convert a layer, or computes something else.
    """
    try:
        taps = tapped(model, side)
    except Untappable as error:
        raise LayersUnreadable(str(error)) from error
    network = taking_bytes(_network(taps))  # which folds constants, so first
    with zipfile.ZipFile(folder / KERAS) as saved:
        weights = saved.read(HDF5)
    _turn(network, weights)
    graph, rest = _without_weights(network, weights)
    apart = difference(OpenVinoLayers.read(graph, weights + rest, taps.layers), taps)
    if apart > TOLERANCE:
        raise LayersUnreadable(f"OpenVINO's activations differ from Keras' by {apart:.1e}")
    write(folder / LISTING, written(taps.layers))
    write(folder / GRAPH, gzip.compress(graph, mtime=0))
    write(folder / REST, rest)
    return taps.layers


def difference(engine: OpenVinoLayers, taps: Taps, seed: int = 0) -> float:
    """The largest difference between layers and Keras' own over a picture of noise.

    That of each layer is taken relative to its largest activation, where that is above 1.
    """
    side = taps.network.inputs[0].shape[1]
    picture = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    given, wanted = engine.activations(picture), taps.activations(picture)
    return max(_apart(given[name], value) for name, value in wanted.items())


def _network(taps: Taps) -> openvino.Model:
    """In OpenVINO, each output under its layer's name alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layers.xml"
        try:
            taps.network.export(str(path), format="openvino", verbose=False)
        except (RuntimeError, ValueError, NotImplementedError) as error:
            raise LayersUnreadable(f"OpenVINO cannot convert a layer: {error}") from error
        core = openvino.Core()
        core.set_property({"ENABLE_MMAP": False})  # the file is gone when the network is used
        network = core.read_model(path)
    outputs = _by_place(network)
    if outputs.keys() != set(range(len(taps.names))):
        raise LayersUnreadable(f"of {len(taps.names)} layers {len(outputs)} can be told apart")
    for output in network.outputs:
        output.get_tensor().set_names(set())
    for place, name in enumerate(
        taps.names
    ):  # two may have one output: a network's and its last layer's
        outputs[place].get_tensor().add_names({name})
    return network


def _by_place(network: openvino.Model) -> dict[int, Any]:
    """Keras exports outputs as Identity, Identity_1 and so on, and OpenVINO orders them by its own mind."""
    named = ((_EXPORTED.fullmatch(name), each) for each in network.outputs for name in each.names)
    return {int(found[1] or 0): each for found, each in named if found}


def _turn(network: openvino.Model, weights: bytes) -> None:
    """Replaces each constant that is among the weights with other axes by those, turned."""
    for node in network.get_ops():
        if node.get_type_name() != "Constant" or node.data.nbytes < WORTH:
            continue
        for axes in TURNS.get(node.data.ndim, ()):
            kept = np.ascontiguousarray(node.data.transpose(axes))
            if _find(weights, kept.tobytes()) is None:
                continue
            turned = ops.transpose(ops.constant(kept), ops.constant(np.argsort(axes)))
            node.output(0).replace(turned.output(0))
            break


def _without_weights(network: openvino.Model, weights: bytes) -> tuple[bytes, bytes]:
    """The graph with its constants' places in `weights`, and the bytes that go behind these."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layers.xml"
        openvino.serialize(network, path, path.with_suffix(".bin"))
        graph, constants = Xml.parse(path), path.with_suffix(".bin").read_bytes()
    rest = bytearray(-len(weights) % ALIGNED)
    for data in graph.iterfind(".//layer[@type='Const']/data"):
        start, size = int(data.get("offset", 0)), int(data.get("size", 0))
        constant = constants[start : start + size]
        at = _find(weights, constant) if size >= WORTH else None
        if at is None:
            at = len(weights) + len(rest)
            rest += constant + bytes(-size % ALIGNED)
        data.set("offset", str(at))
    return Xml.tostring(graph.getroot(), "utf-8"), bytes(rest)


def _find(weights: bytes, constant: bytes) -> int | None:
    at = weights.find(constant)
    while at >= 0 and at % FLOAT:
        at = weights.find(constant, at + 1)
    return at if at >= 0 else None


def _apart(given: np.ndarray, wanted: np.ndarray) -> float:
    if given.shape != wanted.shape:
        return float("inf")
    return float(np.abs(given - wanted).max() / max(1.0, np.abs(wanted).max()))
