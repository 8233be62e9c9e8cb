"""The zoo's networks are those of the literature, and are fed as it feeds them."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from classifier.zoo import ZOO  # noqa: E402
from training.architectures.applications import build, scaled  # noqa: E402
from training.pixels import OF_SCALING  # noqa: E402

PREPROCESS = {"signed": keras.applications.inception_v3, "caffe": keras.applications.vgg19}


def multiply_adds(model: "keras.Model") -> int:
    """Of convolutions and dense layers, for one picture."""
    total = 0
    for layer in model.layers:
        kernel = getattr(layer, "kernel", None)
        if kernel is not None:
            places = layer.output.shape[1:3] if len(layer.output.shape) == 4 else (1,)
            total += int(np.prod(places)) * int(np.prod(kernel.shape))
    return total


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("inception-v3", 23_851_784), ("resnet50", 25_636_712), ("vgg19", 143_667_240)],
)
def test_parameters_are_those_of_the_literature(name, parameters):
    assert ZOO[name].parameters == parameters


@pytest.mark.parametrize("network", ZOO.values(), ids=ZOO)
def test_it_is_what_the_zoo_says(network, monkeypatch):
    zeros = keras.initializers.Zeros()
    monkeypatch.setattr(keras.src.layers.core.dense.initializers, "get", lambda _: zeros)
    model = build(network)
    assert model.count_params() == network.parameters
    assert multiply_adds(model) == network.multiply_adds
    assert set(network.layers) <= {layer.name for layer in model.layers}
    side = network.preprocessing.side
    assert model.inputs[0].shape == (None, side, side, 3)
    assert model.outputs[0].shape == (None, 1000)


@pytest.mark.parametrize("scaling", PREPROCESS)
def test_values_are_those_that_keras_prepares(scaling):
    pictures = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3)).astype(np.float32)
    inputs = keras.Input((4, 4, 3))
    found = keras.Model(inputs, scaled(inputs, scaling)).predict_on_batch(pictures)
    wanted = PREPROCESS[scaling].preprocess_input(pictures.copy())
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    pixels = OF_SCALING[scaling]
    numbers = pictures[..., ::-1] if pixels.color == "bgr" else pictures
    np.testing.assert_allclose(
        (numbers / pixels.scale - pixels.mean) / pixels.std, wanted, atol=1e-4
    )
