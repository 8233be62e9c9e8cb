"""`classifycloud models` from a network of one's own to a measured, verified bundle."""

import json

import numpy as np
import pytest

from classifier.bundle import Bundle
from classifier.engines.openvino import OpenVinoEngine
from tests.networks import CLASSES, logits, softmax, write_onnx
from tests.own_networks import (
    COLORS,
    SIDE,
    intermediate,
    keras_file,
    models,
    onnx,
    saved_model,
    tflite,
    write_labels,
    write_pictures,
)


@pytest.fixture
def labels(tmp_path):
    return write_labels(tmp_path)


@pytest.fixture
def pictures(tmp_path):
    return write_pictures(tmp_path)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (saved_model, "net"),
        (tflite, "net.tflite"),
        (onnx, "net.onnx"),
        (intermediate, "net.xml"),
        (keras_file, "net.keras"),
        (keras_file, "net.h5"),
    ],
)
def test_a_network_of_any_make_becomes_a_measured_bundle(tmp_path, labels, pictures, make, name):
    into = tmp_path / "models"
    models("import", make(tmp_path / name), "--labels", labels, "--into", into)
    folder = into / "net" / "1"
    bundle = Bundle.load(folder)
    assert [each.name for each in bundle.labels] == list(COLORS)
    batch = np.random.default_rng(0).integers(0, 256, (3, SIDE, SIDE, 3), dtype=np.uint8)
    found = OpenVinoEngine.load(bundle, threads=1, precision="f32").predict(batch)
    np.testing.assert_allclose(found, softmax(logits(batch)), atol=1e-5)
    assert "sha256" in models(
        "verify", folder, "--picture", pictures / "red/0.png", "--label", "red"
    )
    assert "top-1 92.31%  top-5 100.00%  of 13 pictures" in models(
        "evaluate", folder, "--data", pictures, "--record"
    )
    assert "on pictures   top-1 92.31%" in models("show", folder)
    listed = json.loads(models("list", into, "--json"))
    assert [(row["name"], row["version"], row["classes"]) for row in listed] == [("net", "1", 4)]


def test_the_keras_engine_agrees(tmp_path, labels, pictures):
    models(
        "import", keras_file(tmp_path / "net.keras"), "--labels", labels, "--into", tmp_path / "m"
    )
    arguments = ("evaluate", tmp_path / "m/net/1", "--data", pictures, "--json")
    by_both = [
        json.loads(models(*arguments, "--engine", each).splitlines()[-1])
        for each in ("keras", "openvino")
    ]
    assert by_both[0] == by_both[1]


def refused(tmp_path, *arguments, code=1):
    before = sorted(tmp_path.rglob("*"))
    said = models(*arguments, "--into", tmp_path / "m", code=code)
    assert sorted(tmp_path.rglob("*")) == before, "something was left behind"
    return said


def test_a_file_that_is_no_model_is_named(tmp_path, labels):
    for name in ("a.txt", "a.onnx", "a.tflite", "a.keras", "a.h5", "a.xml"):
        path = tmp_path / name
        path.write_bytes(b"no model at all, not at all")
        assert str(path) in refused(tmp_path, "import", path, "--labels", labels)
        path.unlink()
    assert "cannot be read" in refused(
        tmp_path, "import", tmp_path / "absent.onnx", "--labels", labels
    )
    (tmp_path / "folder").mkdir()
    assert "without saved_model.pb" in refused(
        tmp_path, "import", tmp_path / "folder", "--labels", labels
    )


@pytest.mark.parametrize("make", [onnx, tflite, keras_file])
def test_one_cut_short_is_named(tmp_path, labels, make):
    path = make(tmp_path / f"net.{make.__name__.replace('_file', '')}")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert str(path) in refused(tmp_path, "import", path, "--labels", labels)


def test_labels_that_do_not_fit_are_named(tmp_path, labels):
    labels.write_text("a\nb")
    said = refused(tmp_path, "import", onnx(tmp_path / "net.onnx"), "--labels", labels)
    assert f"{labels} names 2 classes and the network has {CLASSES} outputs" in said
    assert "--labels FILE" in refused(tmp_path, "import", tmp_path / "net.onnx", code=2)


@pytest.mark.parametrize(
    ("shape", "arguments", "said"),
    [
        ((1, 7, 8, 8), (), "no axis of 3 colors"),
        ((1, 3, 8, 9), (), "only squares"),
        (("N", 3, "H", "W"), (), "--side PIXELS"),
        ((1, 3, 8, 8), ("--side", 9), "does not fit --side 9"),
        ((1, 8), (), "no batch of pictures"),
    ],
)
def test_an_input_that_no_picture_can_be_cut_to_is_named(tmp_path, labels, shape, arguments, said):
    path = tmp_path / "net.onnx"
    write_onnx(path, shape)
    text = refused(tmp_path, "import", path, "--labels", labels, *arguments)
    assert said in text or "cannot be read as a network" in text
    assert str(path) in text


def test_any_size_and_batch_is_taken_at_a_side(tmp_path, labels):
    path = tmp_path / "net.onnx"
    write_onnx(path, ("N", 3, "H", "W"))
    models("import", path, "--labels", labels, "--side", 16, "--crop", 0, "--into", tmp_path / "m")
    spec = Bundle.load(tmp_path / "m/net/1").manifest.preprocessing
    assert (spec.side, spec.resize) == (16, None)


def test_a_version_is_not_replaced(tmp_path, labels):
    path = onnx(tmp_path / "net.onnx")
    models("import", path, "--labels", labels, "--into", tmp_path / "m")
    before = (tmp_path / "m/net/1/manifest.json").read_bytes()
    said = models("import", path, "--labels", labels, "--into", tmp_path / "m", code=1)
    assert "exists already: give another --version" in said
    assert (tmp_path / "m/net/1/manifest.json").read_bytes() == before


@pytest.mark.parametrize("name", ["..", ".hidden", "a/b", "", "a\n"])
@pytest.mark.parametrize("option", ["--name", "--version"])
def test_a_name_is_one_that_can_be_published(tmp_path, labels, option, name):
    path = onnx(tmp_path / "net.onnx")
    text = refused(tmp_path, "import", path, "--labels", labels, option, name, code=2)
    assert "cannot be a" in text


def test_a_file_s_name_is_the_model_s(tmp_path, labels):
    models(
        "import", onnx(tmp_path / "Net_1.0_a.onnx"), "--labels", labels, "--into", tmp_path / "m"
    )
    assert (tmp_path / "m" / "net_1.0_a" / "1").is_dir()


@pytest.mark.parametrize("option", [("--mean", "1,2"), ("--std", "1,0,1"), ("--std", "x")])
def test_numbers_that_are_none_are_wrong_use(tmp_path, labels, option):
    path = onnx(tmp_path / "net.onnx")
    assert option[0] in refused(tmp_path, "import", path, "--labels", labels, *option, code=2)


def test_an_altered_bundle_is_not_verified(tmp_path, labels, pictures):
    models("import", onnx(tmp_path / "net.onnx"), "--labels", labels, "--into", tmp_path / "m")
    folder = tmp_path / "m/net/1"
    said = models("verify", folder, "--picture", pictures / "red/0.png", "--label", "blue", code=1)
    assert "red/0.png is red" in said
    assert "not blue" in said
    with (folder / "model.bin").open("r+b") as file:
        file.seek(3)
        file.write(b"x")
    assert "model.bin differs from its sha256" in models("verify", folder, code=1)


def test_a_picture_that_cannot_be_read_is_named(tmp_path, labels, pictures):
    models("import", onnx(tmp_path / "net.onnx"), "--labels", labels, "--into", tmp_path / "m")
    (pictures / "red" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    said = models("evaluate", tmp_path / "m/net/1", "--data", pictures, code=1)
    assert "broken.jpg" in said


def test_the_imagenet_network_is_right_on_real_photos(tmp_path, shared_dir):
    folder = shared_dir / "models" / "mobilenet_v2_imagenet"
    if not folder.is_dir():
        pytest.skip("needs the ImageNet network in ../shared/models, which is not here")
    source = folder / "mobilenet_v2_1.0_224_quant.tflite"
    labels = folder / "imagenet_labels.txt"
    models("import", source, "--labels", labels, "--name", "mobilenet-v2", "--into", tmp_path)
    bundle = tmp_path / "mobilenet-v2" / "1"
    assert Bundle.load(bundle).manifest.precision == "int8"
    said = models("evaluate", bundle, "--data", shared_dir / "photos", "--json")
    found = json.loads(said.splitlines()[-1])
    assert found["pictures"] == len(list((shared_dir / "photos").iterdir()))
    assert found["top1"] >= 0.85
    assert found["top5"] >= 0.95
    goldfish = shared_dir / "photos" / "n01443537_goldfish.JPEG"
    models("verify", bundle, "--picture", goldfish, "--label", "goldfish")
