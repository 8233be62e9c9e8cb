"""Networks of other makes: bytes in, probabilities out, or a refusal that names the file."""

import numpy as np
import openvino
import pytest
from openvino import opset13 as ops

from tests.networks import CLASSES, logits, network, softmax
from training.errors import Unservable
from training.foreign import served
from training.pixels import CAFFE, Pixels

PLAIN = Pixels()


def run(model: openvino.Model, pictures: np.ndarray) -> np.ndarray:
    return np.array(
        openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(pictures)[
            0
        ]
    )


def noise(count: int, side: int = 8) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


@pytest.mark.parametrize("shape", [(1, 8, 8, 3), (-1, 8, 8, 3), (1, 3, 8, 8), (-1, 3, 8, 8)])
@pytest.mark.parametrize("ending", ["logits", "softmax", "fixed"])
def test_probabilities_come_of_bytes_in_batches_of_any_size(shape, ending):
    model, side = served(network(shape, ending), PLAIN, None, None, "x")
    assert side == 8
    for count in (1, 5):
        pictures = noise(count)
        np.testing.assert_allclose(run(model, pictures), softmax(logits(pictures)), atol=1e-5)


def test_bytes_stay_bytes():
    model, _ = served(network(kind="u8"), PLAIN, None, None, "x")
    np.testing.assert_allclose(run(model, noise(2)), softmax(logits(noise(2))), atol=1e-5)


def test_a_network_of_bytes_is_not_scaled_twice():
    with pytest.raises(Unservable, match="takes bytes and scales them itself"):
        served(network(kind="u8"), Pixels(scale=255.0), None, None, "x")


@pytest.mark.parametrize("shape", [(1, 8, 8, 3), (1, 3, 8, 8)])
def test_numbers_are_made_of_bytes_as_said(shape):
    pixels = Pixels(2.0, (1.0, 2.0, 3.0), (0.5, 0.25, 2.0), "bgr")
    model, _ = served(network(shape), pixels, None, None, "x")
    pictures = noise(3)
    numbers = (pictures[..., ::-1] / 2.0 - [1.0, 2.0, 3.0]) / [0.5, 0.25, 2.0]
    np.testing.assert_allclose(run(model, pictures), softmax(logits(numbers)), atol=1e-5)


def test_the_means_of_caffe_are_of_blue_green_and_red():
    model, _ = served(network(), CAFFE, None, None, "x")
    numbers = noise(2)[..., ::-1] - np.array([103.939, 116.779, 123.68])
    np.testing.assert_allclose(run(model, noise(2)), softmax(logits(numbers)), atol=1e-5)


def test_a_side_that_is_left_open_has_to_be_said():
    with pytest.raises(Unservable, match=r"net\.onnx takes pictures of any size.*--side"):
        served(network((1, -1, -1, 3)), PLAIN, None, None, "net.onnx")
    model, side = served(network((1, -1, -1, 3)), PLAIN, 16, None, "net.onnx")
    assert side == 16
    assert run(model, noise(2, 16)).shape == (2, CLASSES)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((1, 8, 8, 7), "no axis of 3 colors"),
        ((1, 8, 8, 1), "no axis of 3 colors"),
        ((1, 8, 9, 3), "only squares"),
    ],
)
def test_what_no_picture_can_be_cut_to_is_refused(shape, said):
    with pytest.raises(Unservable, match=said) as refused:
        served(network(shape), PLAIN, None, None, "net.onnx")
    assert "net.onnx" in str(refused.value)


def test_a_vector_is_no_picture():
    given = ops.parameter([1, 12], np.float32)
    model = openvino.Model([ops.softmax(given, 1).output(0)], [given])
    with pytest.raises(Unservable, match="takes 1x12, which is no batch of pictures"):
        served(model, PLAIN, None, None, "net.onnx")


def test_a_mask_is_no_class():
    given = ops.parameter([1, 8, 8, 3], np.float32)
    model = openvino.Model([ops.relu(given).output(0)], [given])
    with pytest.raises(Unservable, match="answers with 1x8x8x3, which is no score"):
        served(model, PLAIN, None, None, "net.onnx")


def test_classes_that_are_judged_one_by_one_are_refused():
    with pytest.raises(Unservable, match="sigmoid"):
        served(network(ending="sigmoid"), PLAIN, None, None, "net.onnx")


def test_of_several_outputs_one_is_named():
    model = network()
    scores = model.output().get_node().input_value(0)
    again = ops.multiply(scores, np.float32(2.0))
    again.output(0).set_names({"twice"})
    both = openvino.Model([scores, again.output(0)], model.get_parameters())
    with pytest.raises(Unservable, match="has 2 outputs, name one: --output NAME of scores, twice"):
        served(both.clone(), PLAIN, None, None, "x")
    with pytest.raises(Unservable, match="no output 'other'; there are: scores, twice"):
        served(both.clone(), PLAIN, None, "other", "x")
    chosen, _ = served(both, PLAIN, None, "twice", "x")
    np.testing.assert_allclose(run(chosen, noise(1)), softmax(2 * logits(noise(1))), atol=1e-5)


def test_numbers_that_are_none_are_refused():
    given = ops.parameter([1, 8, 8, 3], np.float32)
    mean = ops.reduce_mean(given, ops.constant([1, 2]), keep_dims=False)
    model = openvino.Model([ops.log(ops.subtract(np.float32(-1), mean)).output(0)], [given])
    with pytest.raises(Unservable, match="no numbers; is --scale right"):
        served(model, PLAIN, None, None, "x")


def test_a_picture_must_not_depend_on_its_neighbors():
    given = ops.parameter([-1, 8, 8, 3], np.float32)
    colors = ops.reduce_mean(given, ops.constant([1, 2]), keep_dims=False)
    others = ops.reduce_mean(colors, ops.constant([0]), keep_dims=True)
    model = openvino.Model([ops.subtract(colors, others).output(0)], [given])
    with pytest.raises(Unservable, match="otherwise when another one is beside it"):
        served(model, PLAIN, None, None, "x")
