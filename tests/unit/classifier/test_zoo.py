"""What the zoo says is what Keras Applications says."""

import importlib
from pathlib import Path

import pytest

from classifier.zoo import CLASS_INDEX, ZOO

keras = pytest.importorskip("keras")
MODULES = {
    "InceptionV3": "inception_v3",
    "ResNet50": "resnet",
    "VGG19": "vgg19",
    "MobileNetV3Large": "mobilenet_v3",
    "EfficientNetV2B0": "efficientnet_v2",
}


def source(module: str) -> str:
    path = importlib.import_module(f"keras.src.applications.{module}").__file__
    assert path
    return Path(path).read_text()


@pytest.mark.parametrize("network", ZOO.values(), ids=ZOO)
def test_weights_and_their_hash_are_those_that_keras_fetches(network, monkeypatch) -> None:
    module = importlib.import_module(f"keras.src.applications.{MODULES[network.application]}")
    asked = {}

    class Asked(Exception):
        pass

    def get_file(name, url, file_hash=None, **_):
        asked.update(url=url, md5=file_hash)
        raise Asked

    monkeypatch.setattr(module.file_utils, "get_file", get_file)
    monkeypatch.setattr(module, "Functional", lambda *_, **__: None)
    with pytest.raises(Asked):
        getattr(keras.applications, network.application)(weights="imagenet")
    assert asked == {"url": network.weights.url, "md5": network.weights.md5}


def test_the_classes_are_those_that_keras_fetches() -> None:
    from keras.src.applications import imagenet_utils

    assert CLASS_INDEX.url == imagenet_utils.CLASS_INDEX_PATH
    assert CLASS_INDEX.md5 in source("imagenet_utils")


@pytest.mark.parametrize("network", ZOO.values(), ids=ZOO)
def test_the_square_is_cut_from_the_middle(network) -> None:
    spec = network.preprocessing
    assert spec.resize is not None
    assert spec.side / spec.resize == pytest.approx(0.875, abs=0.001)


def test_names_are_those_of_folders() -> None:
    assert all(name == each.name and name == name.lower() for name, each in ZOO.items())


def test_the_data_alone_load_no_network() -> None:
    import subprocess
    import sys

    code = "import sys, classifier.zoo; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], stdout=-1, text=True, check=True)
    assert not {"keras", "tensorflow", "openvino", "numpy"} & set(run.stdout.split())
