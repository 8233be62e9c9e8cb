"""Layers in a bundle: the same numbers as Keras', and hardly a byte more than the bundle had."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from classifier import layers as listing  # noqa: E402
from classifier.bundle import KERAS, LAYERS, MANIFEST, Bundle, sha256  # noqa: E402
from classifier.catalog import BUNDLED  # noqa: E402
from classifier.engines.layers import OpenVinoLayers  # noqa: E402
from classifier.errors import (  # noqa: E402
    ActivationTooLarge,
    BundleBroken,
    LayerNotFound,
    NoLayers,
)
from training import layers  # noqa: E402

SIDE = 32


def network() -> "keras.Model":
    """Convolutions of every kind, a network within the network, and a layer that is used twice."""
    keras.utils.set_random_seed(3)
    inner_in = keras.Input((None, None, 16))
    inner_x = keras.layers.DepthwiseConv2D(3, padding="same", name="depth")(inner_in)
    inner_x = keras.layers.Conv2D(16, 1, groups=4, name="grouped")(inner_x)
    inner = keras.Model(inner_in, keras.layers.Add()([inner_in, inner_x]), name="inner")
    inputs = keras.Input((SIDE, SIDE, 3), name="picture")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = keras.layers.Conv2D(16, 3, strides=2, padding="same", name="first")(x)
    x = keras.layers.BatchNormalization(name="normal")(x)
    x = keras.Sequential([keras.layers.ReLU(name="rectified")], name="row")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pooled")(inner(x))
    return keras.Model(inputs, keras.layers.Dense(40, name="logits")(x))


def bundle_of(model: "keras.Model", folder: Path) -> Bundle:
    """The bundled manifest around another network, layers and all."""
    source = BUNDLED / "tiny-inception" / "1"
    shutil.copytree(source, folder)
    model.save(folder / KERAS)
    layers.add_layers(folder, model, SIDE)
    described = json.loads((folder / MANIFEST).read_text())
    described["preprocessing"]["side"] = SIDE
    described["files"] |= {name: sha256(folder / name) for name in (KERAS, *LAYERS)}
    (folder / MANIFEST).write_text(json.dumps(described))
    return Bundle.load(folder)


@pytest.fixture(scope="module")
def model():
    return network()


@pytest.fixture(scope="module")
def bundle(model, tmp_path_factory):
    return bundle_of(model, tmp_path_factory.mktemp("catalog") / "1")


def test_every_layer_says_what_keras_says(model, bundle):
    engine = OpenVinoLayers.load(bundle)
    names = {each.name for each in engine.layers}
    assert {"first", "inner/depth", "inner/grouped", "inner", "row/rectified", "logits"} <= names
    assert layers.difference(engine, layers.tapped(model, SIDE)) < 1e-5


def test_one_layer_is_the_same_as_all_at_once(bundle):
    engine = OpenVinoLayers.load(bundle)
    picture = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    every = engine.activations(picture)
    for layer in engine.layers:
        one = engine.activation(picture, layer.name)
        assert one.shape == layer.shape
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, every[layer.name], atol=1e-5)


def test_large_weights_are_in_the_bundle_once(model, tmp_path):
    wide = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(256, 3, name="wide")])
    wide.save(tmp_path / KERAS)
    layers.add_layers(tmp_path, wide, 8)
    assert (tmp_path / "layers.bin").stat().st_size < 256 * 3 * 9 * 4 / 2


def test_an_unknown_layer_is_told_of_those_there_are(bundle):
    with pytest.raises(LayerNotFound, match=r"no layer 'block5_pool'; there are: .*first, normal"):
        OpenVinoLayers.load(bundle).activation(np.zeros((SIDE, SIDE, 3), np.uint8), "block5_pool")


def test_a_damaged_graph_is_refused_by_name(bundle, tmp_path):
    copy = tmp_path / "1"
    shutil.copytree(bundle.folder, copy)
    whole = Bundle.load(copy)
    graph = copy / "layers.xml.gz"
    graph.write_bytes(graph.read_bytes()[:-5])
    with pytest.raises(BundleBroken, match=r"layers\.xml\.gz differs"):
        OpenVinoLayers.load(whole)


def test_a_bundle_without_layers_says_so(bundle):
    files = {name: digest for name, digest in bundle.manifest.files.items() if name not in LAYERS}
    bare = Bundle(bundle.folder, bundle.manifest.model_copy(update={"files": files}), bundle.labels)
    with pytest.raises(NoLayers):
        listing.listed(bare)


def test_what_is_too_large_is_refused_with_its_size():
    wide = (listing.Layer(name="wide", shape=(224, 224, 64)),)
    with pytest.raises(ActivationTooLarge, match="12,845,056 bytes"):
        listing.found(wide, "wide")
    just = listing.Layer(name="just", shape=(2_000_000,))
    assert listing.found((just,), "just") is just


def test_an_input_may_come_in_a_list():
    inputs = keras.Input((8, 8, 3))
    listed = keras.Model([inputs], [keras.layers.Conv2D(2, 1, name="one")(inputs)])
    assert layers.tapped(listed, 8).names[-1] == "one"


def test_two_pictures_at_once_are_no_use():
    one, two = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    with pytest.raises(layers.Untappable, match="2 inputs"):
        layers.tapped(keras.Model([one, two], keras.layers.Add()([one, two])), 8)
