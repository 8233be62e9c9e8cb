"""Small networks of other makes, as files and in memory: mean color of a picture, times a matrix."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as ops

CLASSES = 4
MATRIX = np.array(
    [[0.05, 0.0, 0.0, 0.02], [0.0, 0.05, 0.0, 0.02], [0.0, 0.0, 0.05, 0.02]], np.float32
)
"""(3, CLASSES): red, green, blue and anything bright, of bytes."""


def logits(pictures: np.ndarray) -> np.ndarray:
    """What the networks here answer before softmax: uint8 (N, H, W, 3) RGB to (N, CLASSES)."""
    colors: np.ndarray = pictures.astype(np.float32).mean(axis=(1, 2)) @ MATRIX
    return colors


def softmax(scores: np.ndarray) -> np.ndarray:
    """Rows of probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def network(
    shape: tuple[int, ...] = (1, 8, 8, 3), ending: str = "logits", kind: str = "f32"
) -> openvino.Model:
    """One with NHWC or NCHW input, by `shape`.

    Args:
        shape: -1 for any length.
        ending: logits, softmax or sigmoid; "fixed": logits, behind a reshaping to a batch of 1.
        kind: element type of the input.
    """
    picture = ops.parameter(list(shape), getattr(np, {"f32": "float32", "u8": "uint8"}[kind]))
    picture.output(0).set_names({"picture"})
    first = len(shape) == 4 and shape[1] == 3 != shape[3]
    channels = shape[1] if first else shape[-1]
    numbers = ops.convert(picture, "f32")
    mean = ops.reduce_mean(numbers, ops.constant([2, 3] if first else [1, 2]), keep_dims=False)
    if ending == "fixed":
        mean = ops.reshape(mean, ops.constant([1, channels]), special_zero=False)
    rows = np.resize(MATRIX, (channels, CLASSES))
    scores = ops.matmul(mean, ops.constant(rows), False, False)
    endings = {"softmax": lambda: ops.softmax(scores, 1), "sigmoid": lambda: ops.sigmoid(scores)}
    answer = endings.get(ending, lambda: scores)()
    answer.output(0).set_names({"scores"})
    return openvino.Model([answer.output(0)], [picture])


def write_onnx(path: Path, shape: tuple[int | str, ...] = (1, 3, 8, 8)) -> None:
    """ReduceMean over the picture, then Gemm; protocol buffers by hand (onnx.proto, IR 8, opset 13)."""
    mean = _node("ReduceMean", ["picture"], ["mean"], _ints("axes", [2, 3]) + _int("keepdims", 0))
    gemm = _node("Gemm", ["mean", "matrix"], ["scores"], b"")
    weights = (
        b"".join(_number(1, each) for each in MATRIX.shape)
        + _number(2, 1)
        + _bytes(8, b"matrix")
        + _bytes(9, MATRIX.tobytes())
    )
    graph = (
        _bytes(1, mean)
        + _bytes(1, gemm)
        + _bytes(2, b"graph")
        + _bytes(5, weights)
        + _bytes(11, _value("picture", shape))
        + _bytes(12, _value("scores", (shape[0], CLASSES)))
    )
    model = _number(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, b"") + _number(2, 13))
    path.write_bytes(model)


def _node(kind: str, given: list[str], made: list[str], attributes: bytes) -> bytes:
    names = b"".join(_bytes(1, each.encode()) for each in given)
    names += b"".join(_bytes(2, each.encode()) for each in made)
    return names + _bytes(4, kind.encode()) + attributes


def _ints(name: str, values: list[int]) -> bytes:
    numbers = b"".join(_number(8, each) for each in values)
    return _bytes(5, _bytes(1, name.encode()) + numbers + _number(20, 7))


def _int(name: str, value: int) -> bytes:
    return _bytes(5, _bytes(1, name.encode()) + _number(3, value) + _number(20, 2))


def _value(name: str, shape: tuple[int | str, ...]) -> bytes:
    lengths = b"".join(
        _bytes(1, _number(1, each) if isinstance(each, int) else _bytes(2, each.encode()))
        for each in shape
    )
    tensor = _number(1, 1) + _bytes(2, lengths)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, tensor))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    parts: list[Any] = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return struct.pack(f"{len(parts) + 1}B", *parts, value)
