"""Real bundles that answer every picture with their own name and version: whose answer it is can be seen.

The plain one costs next to nothing, the slow one tens of milliseconds, the failing one cannot look at any
picture that is not black, the broken one cannot be compiled though every file is as its manifest says.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino
from openvino import opset13 as op

SIDE = 32
WIDTH = 64
Body = Callable[[openvino.Node], openvino.Node]


def write(root: Path, name: str, version: str, body: Body | None = None) -> Path:
    """Write root/⟨name⟩/⟨version⟩; the folder. `body` maps pictures (N, SIDE, SIDE, 3) to (N, 1)."""
    folder = root / name / version
    folder.mkdir(parents=True)
    openvino.save_model(_network(body or plain), folder / "model.xml", compress_to_fp16=False)
    return sealed(folder)


def broken(root: Path, name: str, version: str) -> Path:
    """A bundle that is whole, and whose network is none."""
    folder = root / name / version
    folder.mkdir(parents=True)
    (folder / "model.xml").write_text("<net name='none' version='11'><layers/></net>")
    (folder / "model.bin").write_bytes(b"\0" * 16)
    return sealed(folder)


def sealed(folder: Path) -> Path:
    """The folder, once labels and manifest fit what is in it."""
    name, version = folder.parent.name, folder.name
    rows = [{"classId": f"c{at}", "name": text} for at, text in enumerate(_answers(name, version))]
    (folder / "labels.json").write_text(json.dumps(rows))
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    manifest = {
        "name": name,
        "version": version,
        "architecture": "says its name",
        "precision": "f32",
        "parameters": 0,
        "classes": len(rows),
        "preprocessing": {"side": SIDE},
        "files": files,
        "license": "Apache-2.0",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def plain(pictures: openvino.Node) -> openvino.Node:
    return op.reduce_mean(pictures, np.array([1, 2, 3]), keep_dims=False)


def slow(pictures: openvino.Node) -> openvino.Node:
    """Eight convolutions of WIDTH channels over all pixels: half a billion operations a picture."""
    found = op.transpose(pictures, np.array([0, 3, 1, 2]))
    rng, deep = np.random.default_rng(0), 3
    for _ in range(8):
        weights = rng.normal(0, 0.01, (WIDTH, deep, 3, 3)).astype(np.float32)
        one = [1, 1]
        found = op.relu(op.convolution(found, op.constant(weights), one, one, one, one))
        deep = WIDTH
    return op.reduce_mean(found, np.array([1, 2, 3]), keep_dims=False)


def failing(pictures: openvino.Node) -> openvino.Node:
    """Two numbers made three, unless the pictures are black, as they are when it is warmed."""
    means = op.unsqueeze(plain(pictures), op.constant(np.array([1])))
    count = op.gather(op.shape_of(means), op.constant(np.array([0])), op.constant(0))
    lit = op.ceiling(op.reduce_max(means, np.array([0, 1]), keep_dims=False))
    two = op.constant(np.array([2], np.int64))
    wide = op.add(two, op.minimum(op.convert(lit, "i64"), op.constant(np.array([1], np.int64))))
    both = op.broadcast(op.concat([means, means], 1), op.concat([count, wide], 0))
    return op.reduce_mean(both, np.array([1]), keep_dims=False)


def _answers(name: str, version: str) -> list[str]:
    return [f"{name} {version}", "something else"]


def _network(body: Body) -> openvino.Model:
    pictures = op.parameter([-1, SIDE, SIDE, 3], np.uint8, name="pictures")
    number = op.reshape(body(op.convert(pictures, "f32")), np.array([-1, 1]), special_zero=False)
    # The first class whatever the picture, and the whole network still has to run.
    weights = op.constant(np.array([[0.0, 0.0]], np.float32))
    scores = op.add(op.multiply(number, weights), op.constant(np.array([2.0, 0.0], np.float32)))
    return openvino.Model([op.softmax(scores, axis=1)], [pictures], "named")
