"""The network's shape, size and promises of layout."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training.architectures import tiny_inception  # noqa: E402

PARAMETERS = 2_210_920


@pytest.fixture(scope="module")
def model():
    return tiny_inception.build(200)


def test_its_size_is_what_the_bundle_has_room_for(model):
    assert model.count_params() == PARAMETERS


def test_modules_have_four_branches(model):
    joins = [layer for layer in model.layers if isinstance(layer, keras.layers.Concatenate)]
    branches = [len(layer.input) for layer in joins]
    modules = sum(len(stage) for stage in tiny_inception.STAGES)
    assert branches.count(4) == modules == 7
    assert branches.count(2) == len(tiny_inception.STAGES) - 1


@pytest.mark.parametrize("side", [32, 48, 64])
def test_any_multiple_of_16_goes_in_and_logits_come_out(model, side):
    assert model.compute_output_shape((5, side, side, 3)) == (5, 200)


def test_every_convolution_is_normalized(model):
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("Conv2D") == kinds.count("BatchNormalization") == kinds.count("ReLU") == 53


def test_weights_come_in_the_same_order_in_either_layout(model):
    keras.config.set_image_data_format("channels_first")
    try:
        first = tiny_inception.build(200)
    finally:
        keras.config.set_image_data_format("channels_last")
    assert first.input_shape == (None, 3, None, None)
    assert [weight.shape for weight in first.weights] == [weight.shape for weight in model.weights]


def test_scaling_is_part_of_the_network(model):
    scale = next(layer for layer in model.layers if isinstance(layer, keras.layers.Rescaling))
    scaled = np.asarray(scale(np.array([[[[0.0, 127.5, 255.0]]]], np.float32)))
    np.testing.assert_allclose(scaled.ravel(), [-1, 0, 1], atol=1e-6)
