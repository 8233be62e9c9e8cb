"""`classifycloud models` from a network of one's own to a measured, verified bundle."""

import json

import numpy as np
import openvino
import pytest
from PIL import Image
from typer.testing import CliRunner

from classifier.bundle import Bundle
from classifier.engines.openvino import OpenVinoEngine
from cli.main import app
from tests.networks import CLASSES, logits, network, softmax, write_onnx

COLORS = {
    "red": (250, 100, 100),
    "green": (100, 250, 100),
    "blue": (100, 100, 250),
    "white": (250, 250, 250),
}
SIDE = 8


def models(*arguments, code=0):
    done = CliRunner().invoke(app, ["models", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("\n".join(COLORS))
    return path


@pytest.fixture
def pictures(tmp_path):
    """A folder for each class; of white there is a picture that any network here takes for green."""
    folder = tmp_path / "pictures"
    for name, color in COLORS.items():
        (folder / name).mkdir(parents=True)
        for at in range(3):
            fill = tuple(max(0, value - at) for value in color)
            Image.new("RGB", (40, 30), fill).save(folder / name / f"{at}.png")
    Image.new("RGB", (40, 30), COLORS["green"]).save(folder / "white" / "3.png")
    return folder


def saved_model(path):
    keras = pytest.importorskip("keras")
    pytest.importorskip("tensorflow")
    from tests.networks import MATRIX

    dense = keras.layers.Dense(CLASSES, use_bias=False)
    model = keras.Sequential(
        [keras.Input((SIDE, SIDE, 3)), keras.layers.GlobalAveragePooling2D(), dense]
    )
    dense.set_weights([MATRIX])
    model.export(path, verbose=False)
    return path


def tflite(path):
    tensorflow = pytest.importorskip("tensorflow")
    folder = saved_model(path.with_suffix(".folder"))
    path.write_bytes(tensorflow.lite.TFLiteConverter.from_saved_model(str(folder)).convert())
    return path


def onnx(path):
    write_onnx(path)
    return path


def intermediate(path):
    openvino.save_model(network((1, SIDE, SIDE, 3)), path, compress_to_fp16=False)
    return path


def keras_file(path):
    keras = pytest.importorskip("keras")
    from tests.networks import MATRIX

    dense = keras.layers.Dense(CLASSES, use_bias=False, activation="softmax")
    model = keras.Sequential(
        [keras.Input((SIDE, SIDE, 3)), keras.layers.GlobalAveragePooling2D(), dense]
    )
    dense.set_weights([MATRIX])
    model.save(path)
    return path


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


def test_a_network_is_exported_as_int8_where_that_is_as_good(tmp_path, labels, pictures):
    pytest.importorskip("nncf")
    models("import", onnx(tmp_path / "net.onnx"), "--labels", labels, "--into", tmp_path / "m")
    said = models("export", tmp_path / "m/net/1", "--data", pictures, "--calibrate", pictures)
    manifest = Bundle.load(tmp_path / "m/net/2").manifest
    assert f"{manifest.precision:5}top-1 92.31%" in said
    assert manifest.metrics[0].engine == "openvino f32"
    assert manifest.metrics[-1].engine == f"openvino {manifest.precision}"
    assert manifest.version == "2"


def convolving(path):
    """Colors through a convolution, which int8 is made for."""
    keras = pytest.importorskip("keras")
    from tests.networks import MATRIX

    color = keras.layers.Conv2D(CLASSES, 1, use_bias=False)
    again = keras.layers.Conv2D(CLASSES, 1, use_bias=False)
    model = keras.Sequential(
        [keras.Input((SIDE, SIDE, 3)), color, again, keras.layers.GlobalAveragePooling2D()]
    )
    color.set_weights([MATRIX[None, None]])
    again.set_weights([np.eye(CLASSES, dtype=np.float32)[None, None]])
    model.save(path)
    return path


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
