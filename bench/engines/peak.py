"""What one core can do at most: `python -m bench.engines.peak BUNDLE SECONDS` prints it as JSON.

Measured, not taken from a data sheet: a chain of convolutions of a shape that suits the units best (3 × 3,
256 channels to 256, 28 × 28), run by OpenVINO on one thread in each number format, the fastest of its
batches. A network's own shapes do less. Multiply-adds are counted by the CPU time of the thread.

BUNDLE's multiply-adds for one picture are counted from its graph: convolutions and matrix products.
"""

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as ops

CHANNELS, SIDE, KERNEL, DEPTH, BATCH = 256, 28, 3, 8, 4
GMACS = BATCH * DEPTH * SIDE**2 * CHANNELS**2 * KERNEL**2 / 1e9
LEVELS = 256


def chain(int8: bool) -> openvino.Model:
    """Convolutions one after the other, each with a ReLU; quantized as post-training quantization does."""
    rng = np.random.default_rng(0)
    inputs = ops.parameter([BATCH, CHANNELS, SIDE, SIDE], np.float32)
    last: Any = inputs
    for _ in range(DEPTH):
        weights = rng.normal(0, 0.02, (CHANNELS, CHANNELS, KERNEL, KERNEL)).astype(np.float32)
        filters: Any = ops.constant(weights)
        if int8:
            last = ops.fake_quantize(last, 0.0, 2.55, 0.0, 2.55, LEVELS)
            filters = ops.fake_quantize(filters, -0.1, 0.1, -0.1, 0.1, LEVELS - 1)
        last = ops.relu(ops.convolution(last, filters, [1, 1], [1, 1], [1, 1], [1, 1]))
    return openvino.Model([last], [inputs])


def peak(precision: str, seconds: float) -> float:
    """Billions of multiply-adds in a second of one core."""
    core = openvino.Core()
    options: dict[str, object] = {
        "INFERENCE_NUM_THREADS": 1,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
    }
    if precision != "int8":
        options["INFERENCE_PRECISION_HINT"] = precision
    compiled = core.compile_model(chain(precision == "int8"), "CPU", options)
    request = compiled.create_infer_request()
    noise = np.random.default_rng(1).random((BATCH, CHANNELS, SIDE, SIDE), np.float32)
    request.infer([noise])
    best, ends = math.inf, time.perf_counter() + seconds
    while time.perf_counter() < ends:
        began = time.process_time()
        request.infer([noise], share_inputs=True)
        best = min(best, time.process_time() - began)
    return GMACS / best


def multiply_adds(model: openvino.Model) -> float:
    """Billions for one picture."""
    model.reshape([1, *[part.get_length() for part in list(model.input().partial_shape)[1:]]])
    total = 0
    for node in model.get_ordered_ops():
        if node.get_type_name() in ("Convolution", "GroupConvolution"):
            # Filters: (groups,) outputs, inputs, height, width.
            filters = list(node.input(1).get_shape())
            total += math.prod(node.output(0).get_shape()) * math.prod(filters[-3:])
        elif node.get_type_name() == "MatMul":
            total += math.prod(node.output(0).get_shape()) * node.input(0).get_shape()[-1]
    return total / 1e9


def main(folder: Path, seconds: float) -> None:
    """Print both."""
    network = openvino.Core().read_model(folder / "model.xml")
    peaks = {each: peak(each, seconds) for each in ("f32", "bf16", "int8")}
    print(json.dumps({"gmacs": multiply_adds(network), "peaks": peaks}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
