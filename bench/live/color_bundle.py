"""A real bundle whose answers are known beforehand: it names the color that a picture is fullest of."""

import hashlib
import json
from pathlib import Path

import numpy as np
import openvino
from openvino import opset13 as op

COLORS = ("red", "green", "blue")
SIDE = 64


def write(root: Path, name: str = "colors", version: str = "1") -> Path:
    """Write the bundle under a folder of bundles; the bundle's own folder."""
    folder = root / name / version
    folder.mkdir(parents=True)
    openvino.save_model(_network(), folder / "model.xml", compress_to_fp16=False)
    rows = [{"classId": f"c{at}", "name": color} for at, color in enumerate(COLORS)]
    (folder / "labels.json").write_text(json.dumps(rows))
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    manifest = {
        "name": name,
        "version": version,
        "architecture": "mean color",
        "precision": "f32",
        "parameters": 0,
        "classes": len(COLORS),
        "preprocessing": {"side": SIDE},
        "files": files,
        "license": "Apache-2.0",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def _network() -> openvino.Model:
    pictures = op.parameter([-1, SIDE, SIDE, 3], np.uint8, name="pictures")
    means = op.reduce_mean(op.convert(pictures, "f32"), np.array([1, 2]), keep_dims=False)
    scores = op.softmax(op.multiply(means, op.constant(np.float32(0.1))), axis=1)
    return openvino.Model([scores], [pictures], "colors")
