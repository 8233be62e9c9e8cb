"""From a network in a file, and its classes in another, to a bundle."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import openvino

from classifier.bundle import KERAS, LABELS, NETWORK, Bundle
from classifier.classes import ClassName
from classifier.manifest import Manifest, Preprocessing, Provenance
from classifier.zoo import Architecture
from training import bundling, labels_file, network, sources
from training.atomic import write
from training.foreign import served
from training.pixels import Pixels

if TYPE_CHECKING:
    import keras

RANDOM = "Random weights: what it answers means nothing."


@dataclass(frozen=True)
class Cut:
    """How pictures become squares.

    Args:
        side: pixels, where the network leaves it open.
        crop: the share of a picture's shorter side that the central square keeps; None: the whole picture
            is squeezed.
    """

    side: int | None = None
    crop: float | None = 0.875
    interpolation: Literal["bilinear", "bicubic", "lanczos", "box", "nearest"] = "bicubic"

    def at(self, side: int) -> Preprocessing:
        """For a network of that side in pixels."""
        resize = None if self.crop is None else round(side / self.crop)
        return Preprocessing(side=side, resize=resize, interpolation=self.interpolation)


@dataclass(frozen=True)
class Wanted:
    """What the user says of the bundle to be.

    Args:
        folder: where it goes, ⟨catalog⟩/⟨name⟩/⟨version⟩.
        labels: the file of the classes; where there is none they bear numbers.
        command: how it was made.
        layers: whether a Keras network's layers are to be had as well, see `classifier.layers`.
    """

    folder: Path
    labels: Path | None
    license: str
    command: str
    notes: str = ""
    layers: bool = True


@dataclass(frozen=True)
class Reading:
    """How a network of one's own is read.

    Args:
        cut: of its pictures.
        pixels: the numbers it takes.
        output: by name, where it has several.
    """

    cut: Cut = field(default_factory=Cut)
    pixels: Pixels = field(default_factory=Pixels)
    output: str | None = None


def from_file(path: Path, reading: Reading, wanted: Wanted) -> Bundle:
    """The bundle of a network in a file.

    Raises:
        NotAModel, Unservable, LabelsUnfit, BundleExists: nothing is left behind.
    """
    if sources.kind_of(path) == "keras":
        from training import keras_source

        model = keras_source.logits_network(
            keras_source.read(path), reading.pixels, reading.cut.side, str(path)
        )
        return _of_keras(model, model.name, reading.cut, wanted)
    found, side = served(
        sources.read(path), reading.pixels, reading.cut.side, reading.output, str(path)
    )
    return _of_other(found, path.name, reading.cut.at(side), wanted)


def from_zoo(architecture: Architecture, weights: Path | None, wanted: Wanted) -> Bundle:
    """The bundle of a known architecture.

    Args:
        weights: a file of them; random ones when None, and the bundle's notes say so.

    Raises:
        NotAModel: the file holds no weights of it.
        LabelsUnfit, BundleExists: nothing is left behind.
    """
    import keras

    from training.architectures import applications
    from training.keras_source import load_weights

    if weights is None:
        keras.utils.set_random_seed(0)
    model = applications.build(architecture)
    if weights is not None:
        load_weights(model, weights)
    return _bundle_of_keras(
        model,
        architecture.preprocessing,
        f"{architecture.application} ({architecture.source})",
        wanted,
    )


def _of_keras(model: "keras.Model", name: str, cut: Cut, wanted: Wanted) -> Bundle:
    return _bundle_of_keras(model, cut.at(model.inputs[0].shape[1]), name, wanted)


def _bundle_of_keras(
    model: "keras.Model", preprocessing: Preprocessing, name: str, wanted: Wanted
) -> Bundle:
    from training import export

    classes = int(model.outputs[0].shape[-1])
    names = _names(wanted.labels, classes)
    with bundling.new(wanted.folder) as staging:
        write(staging / LABELS, labels_file.document(names))
        whole = export.openvino_network(model, preprocessing.side)
        network.save_exact(network.taking_bytes(whole), staging / NETWORK)
        export.store_keras(model, staging / KERAS)
        if wanted.layers:
            wanted = replace(wanted, notes=_with_layers(staging, model, wanted.notes))
        manifest = _about(wanted, name, preprocessing, classes, model.count_params(), "f32")
        bundling.complete(staging, manifest)
    return Bundle.load(wanted.folder)


def _with_layers(staging: Path, model: "keras.Model", notes: str) -> str:
    """Adds what the layers are read from; the notes, with the reason where that cannot be."""
    from training.layers import LayersUnreadable, add_layers

    try:
        add_layers(staging, model, model.inputs[0].shape[1])
    except LayersUnreadable as error:
        return f"{notes} Its layers cannot be read: {error}.".strip()
    return notes


def _of_other(
    found: openvino.Model, name: str, preprocessing: Preprocessing, wanted: Wanted
) -> Bundle:
    classes = found.output().get_partial_shape()[1].get_length()
    names = _names(wanted.labels, classes)
    precision: Literal["int8", "f32"] = "int8" if network.is_quantized(found) else "f32"
    with bundling.new(wanted.folder) as staging:
        write(staging / LABELS, labels_file.document(names))
        network.save_exact(found, staging / NETWORK)
        count = network.parameters(found)
        manifest = _about(wanted, name, preprocessing, classes, count, precision)
        bundling.complete(staging, manifest)
    return Bundle.load(wanted.folder)


def _names(labels: Path | None, classes: int) -> tuple[ClassName, ...]:
    return labels_file.numbered(classes) if labels is None else labels_file.read(labels, classes)


def _about(
    wanted: Wanted,
    architecture: str,
    preprocessing: Preprocessing,
    classes: int,
    parameters: int,
    precision: Literal["int8", "f32"],
) -> Manifest:
    return Manifest(
        name=wanted.folder.parent.name,
        version=wanted.folder.name,
        architecture=architecture,
        precision=precision,
        parameters=parameters,
        classes=classes,
        preprocessing=preprocessing,
        files={},
        license=wanted.license,
        notes=wanted.notes,
        made=Provenance(command=wanted.command, seed=0, backend="openvino", recipe={}),
    )
