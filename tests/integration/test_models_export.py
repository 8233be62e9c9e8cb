"""`classifycloud models export`: a smaller network where it is as good, and the wider one where not."""

import numpy as np
import openvino
import pytest
from openvino import opset13 as ops
from PIL import Image

from classifier.bundle import Bundle
from tests.networks import CLASSES
from tests.own_networks import SIDE, convolving, models, onnx, write_labels, write_pictures


@pytest.fixture
def labels(tmp_path):
    return write_labels(tmp_path)


@pytest.fixture
def pictures(tmp_path):
    return write_pictures(tmp_path)


def test_a_network_is_exported_as_int8_where_that_is_as_good(tmp_path, labels, pictures):
    pytest.importorskip("nncf")
    models("import", onnx(tmp_path / "net.onnx"), "--labels", labels, "--into", tmp_path / "m")
    said = models("export", tmp_path / "m/net/1", "--data", pictures, "--calibrate", pictures)
    manifest = Bundle.load(tmp_path / "m/net/2").manifest
    assert f"{manifest.precision:5}top-1 92.31%" in said
    assert manifest.metrics[0].engine == "openvino f32"
    assert manifest.metrics[-1].engine == f"openvino {manifest.precision}"
    assert manifest.version == "2"


def test_int8_that_is_worse_is_not_served(tmp_path, labels, pictures):
    """Ranges taken from a black picture alone make every color white."""
    pytest.importorskip("nncf")
    black = tmp_path / "black"
    black.mkdir()
    Image.new("RGB", (SIDE, SIDE), (1, 1, 1)).save(black / "a.png")
    models(
        "import", convolving(tmp_path / "net.keras"), "--labels", labels, "--into", tmp_path / "m"
    )
    said = models("export", tmp_path / "m/net/1", "--data", pictures, "--calibrate", black)
    manifest = Bundle.load(tmp_path / "m/net/2").manifest
    assert manifest.precision in ("bf16", "f32")
    assert f"int8 costs more than a point of top-1: {manifest.precision} is kept" in said
    assert "int8 was asked for" in manifest.notes


def test_int8_that_does_not_run_is_not_served(tmp_path, labels, pictures, monkeypatch):
    from training import network as networks

    def broken(_network, _pictures):
        """As quantizing some depthwise networks leaves them: OpenVINO's CPU plugin refuses such a scale."""
        given = ops.parameter([-1, SIDE, SIDE, 3], np.uint8)
        scales = np.linspace(1, 2, SIDE, dtype=np.float32).reshape(1, 1, SIDE, 1)
        narrowed = ops.fake_quantize(
            ops.convert(given, "f32"), -scales, scales, -scales, scales, 256
        )
        convolved = ops.convolution(
            ops.transpose(narrowed, ops.constant([0, 3, 1, 2])),
            ops.constant(np.ones((CLASSES, 3, 1, 1), np.float32)),
            *([1, 1], [0, 0], [0, 0], [1, 1]),
        )
        mean = ops.reduce_mean(convolved, ops.constant([2, 3]), keep_dims=False)
        return openvino.Model([ops.softmax(mean, 1).output(0)], [given])

    monkeypatch.setattr(networks, "quantized_fast", broken)
    models("import", onnx(tmp_path / "net.onnx"), "--labels", labels, "--into", tmp_path / "m")
    said = models("export", tmp_path / "m/net/1", "--data", pictures)
    manifest = Bundle.load(tmp_path / "m/net/2").manifest
    assert manifest.precision in ("bf16", "f32")
    assert f"int8 cannot be run: {manifest.precision} is kept" in said
    assert "OpenVINO cannot run int8" in manifest.notes
