"""What is done to OpenVINO networks whatever they came from."""

import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import openvino
from openvino.preprocess import PrePostProcessor


def quantized(network: openvino.Model, pictures: np.ndarray) -> openvino.Model:
    """int8 weights and activations, ranges taken from `pictures`, uint8 (N, side, side, 3).

    The network takes bytes or floats of 0..255. Biases are corrected layer after layer, which takes minutes
    for networks of many layers.
    """
    return _quantized(network, pictures, fast=False)


def quantized_fast(network: openvino.Model, pictures: np.ndarray) -> openvino.Model:
    """As `quantized`, biases corrected by each layer alone (Nagel et al. 2019, section 4.2)."""
    return _quantized(network, pictures, fast=True)


def _quantized(network: openvino.Model, pictures: np.ndarray, *, fast: bool) -> openvino.Model:
    import nncf

    kind = network.input().element_type.to_dtype()
    samples: Iterable[np.ndarray] = (picture[None].astype(kind) for picture in pictures)
    with redirect_stdout(sys.stderr):  # its progress bars
        return nncf.quantize(
            network,
            nncf.Dataset(list(samples)),
            subset_size=len(pictures),
            preset=nncf.QuantizationPreset.MIXED,
            fast_bias_correction=fast,
        )


def taking_bytes(network: openvino.Model) -> openvino.Model:
    """The same network fed with uint8, so that the workers hand over pictures as decoded."""
    steps = PrePostProcessor(network)
    steps.input().tensor().set_element_type(openvino.Type.u8)
    return steps.build()


def save(network: openvino.Model, path: Path) -> None:
    """Writes `path` and its .bin; float weights are kept as f16."""
    openvino.save_model(network, path, compress_to_fp16=True)


def save_exact(network: openvino.Model, path: Path) -> None:
    """Writes `path` and its .bin, float weights as they are."""
    openvino.save_model(network, path, compress_to_fp16=False)


def is_quantized(network: openvino.Model) -> bool:
    """Whether it computes in int8 where the CPU can."""
    return any(node.get_type_name() == "FakeQuantize" for node in network.get_ops())


def parameters(network: openvino.Model) -> int:
    """Numbers in its weights. Constants of whole numbers are shapes and axes; those of bytes are weights."""
    shapes = (openvino.Type.i32, openvino.Type.i64, openvino.Type.u64, openvino.Type.boolean)
    constants = (node for node in network.get_ops() if node.get_type_name() == "Constant")
    return sum(
        int(np.prod(node.get_output_shape(0)))
        for node in constants
        if node.get_output_element_type(0) not in shapes and len(node.get_output_shape(0)) > 0
    )
