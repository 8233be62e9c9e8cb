"""Batches of a few fixed sizes, whatever comes; what is missing is said."""

import builtins

import numpy as np
import pytest

from classifier.bundle import Bundle
from classifier.engines import shelf
from classifier.engines.keras import KerasEngine, filled
from classifier.errors import BundleBroken, EngineMissing
from tests.color_bundle import write


class Network:
    """Scores are a picture's own first bytes; remembers the sizes that it ran."""

    def __init__(self):
        self.sizes = []

    def __call__(self, batch):
        self.sizes.append(len(batch))
        return batch[:, 0, 0, :].astype(np.float32)


def numbered(count):
    return np.arange(count * 3, dtype=np.uint8).reshape(count, 1, 1, 3)


@pytest.mark.parametrize(("count", "size"), [(1, 1), (2, 2), (3, 4), (5, 8), (8, 8)])
def test_a_batch_is_filled_up_to_a_power_of_two(count, size):
    pictures = filled(numbered(count))
    assert pictures.shape == (size, 1, 1, 3)
    np.testing.assert_array_equal(pictures[:count], numbered(count))
    assert not pictures[count:].any()


@pytest.mark.parametrize("count", [1, 3, 4, 5, 9, 21])
def test_every_picture_gets_its_own_scores(count):
    engine = KerasEngine(Network(), 4)
    pictures = numbered(count)
    np.testing.assert_array_equal(engine.predict(pictures), pictures[:, 0, 0, :])
    np.testing.assert_array_equal(engine.predict_beside(pictures), pictures[:, 0, 0, :])


def test_no_size_comes_that_was_not_warmed():
    network = Network()
    engine = KerasEngine(network, 8)
    engine.warm(side=2)
    warmed = set(network.sizes)
    assert warmed == {1, 2, 4, 8}
    network.sizes.clear()
    for count in range(1, 20):
        engine.predict(numbered(count))
    assert set(network.sizes) <= warmed


def test_a_bundle_without_a_keras_network_says_so(tmp_path):
    with pytest.raises(BundleBroken, match=r"no model\.keras"):
        shelf.load("keras", Bundle.load(write(tmp_path)), None, None)


def test_without_keras_the_remedy_is_named(monkeypatch, tmp_path):
    from classifier.catalog import Catalog

    found = builtins.__import__

    def absent(name, *rest, **more):
        if name == "keras":
            raise ImportError("No module named 'keras'", name="keras")
        return found(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(
        EngineMissing, match=r"by make install-dev, .*CLASSIFYCLOUD_ENGINE=openvino"
    ):
        shelf.load("keras", Catalog().find(), None, None)
