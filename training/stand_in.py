"""A bundle with a known architecture and random weights: as fast as the real network, and as wrong as can be.

Speed is measured with it wherever the real weights cannot be had; what it answers means nothing.
"""

import json
from pathlib import Path
from typing import Literal

import keras
import numpy as np

from classifier.bundle import KERAS, LABELS, NETWORK, Bundle
from classifier.manifest import Manifest, Preprocessing
from training import bundling, export
from training.atomic import write

ARCHITECTURES = {
    "inception_v3": (keras.applications.InceptionV3, 299, "InceptionV3 (Szegedy et al. 2015)"),
    "mobilenet_v2": (keras.applications.MobileNetV2, 224, "MobileNetV2 (Sandler et al. 2018)"),
}
Precision = Literal["int8", "f16"]
"""int8 is of weights and activations, f16 of the weights as they are stored."""
CLASSES = 1000
CALIBRATION = 32


def network(architecture: str, seed: int = 0) -> tuple[keras.Model, int]:
    """Pictures float32 (N, side, side, 3) of 0..255 to logits (N, CLASSES), and the side in pixels."""
    keras.utils.set_random_seed(seed)
    build, side, _ = ARCHITECTURES[architecture]
    inputs = keras.Input((side, side, 3))
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(inputs)
    body = build(weights=None, classes=CLASSES, classifier_activation=None)
    return keras.Model(inputs, body(scaled)), side


def folder_of(out: Path, architecture: str, precision: str) -> Path:
    """Where `make` puts it."""
    return out / f"{architecture.replace('_', '-')}-{precision}" / "1"


def make(architecture: str, precision: Precision, out: Path, seed: int = 0) -> Bundle:
    """Write out/⟨architecture⟩-⟨precision⟩/1; replaces what was there.

    Args:
        architecture: one of ARCHITECTURES.
        precision: of the network to serve.
    """
    folder = folder_of(out, architecture, precision)
    with bundling.anew(folder) as staging:
        model, side = network(architecture, seed)
        whole = export.openvino_network(model, side)
        if precision == "int8":
            noise = np.random.default_rng(seed).integers(
                0, 256, (CALIBRATION, side, side, 3), dtype=np.uint8
            )
            whole = export.quantized(whole, noise)
        export.save(export.taking_bytes(whole), staging / NETWORK)
        export.save_keras(model, staging / KERAS)
        names = [{"classId": f"r{at}", "name": f"random {at}"} for at in range(CLASSES)]
        write(staging / LABELS, json.dumps(names).encode())
        bundling.complete(staging, _manifest(folder, architecture, precision, model))
    return Bundle.load(folder)


def _manifest(
    folder: Path, architecture: str, precision: Precision, model: keras.Model
) -> Manifest:
    _, side, source = ARCHITECTURES[architecture]
    return Manifest(
        name=folder.parent.name,
        version="1",
        architecture=source,
        precision=precision,
        parameters=model.count_params(),
        classes=CLASSES,
        preprocessing=Preprocessing(side=side, interpolation="bilinear"),
        files={},
        license="Apache-2.0",
        notes="Random weights, for measuring speed: what it answers means nothing.",
    )
