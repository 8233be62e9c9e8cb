"""The zoo with random weights: import, export, verify, serve."""

import shutil

import httpx
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

pytest.importorskip("keras")
pytest.importorskip("nncf")

from classifier.bundle import Bundle
from classifier.zoo import ZOO
from cli.main import app
from tests.service import Origin, service


def models(*arguments):
    done = CliRunner().invoke(app, ["models", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Two of noise, labeled as the numbered classes are."""
    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for name in ("class_3", "class_7"):
        noise = random.integers(0, 256, (300, 320, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def into(tmp_path):
    yield tmp_path / "models"
    shutil.rmtree(tmp_path / "models", ignore_errors=True)


# Four gigabytes are written and read before the first of them.
pytestmark = pytest.mark.timeout(600)
PRECISIONS = {"inception-v3": "f16", "resnet50": "int8", "vgg19": "f16"}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory, pictures):
    """Each as the commands make it: version 1 imported, version 2 exported."""
    folder = tmp_path_factory.mktemp("zoo") / "models"
    for name, precision in PRECISIONS.items():
        models("import", name, "--random", "--no-layers", "--into", folder)
        models("export", folder / name / "1", "--precision", precision, "--data", pictures)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("inception-v3", 23_851_784), ("resnet50", 25_636_712), ("vgg19", 143_667_240)],
)
def test_it_is_imported_exported_and_verified(catalog, pictures, name, parameters):
    manifest = Bundle.load(catalog / name / "1").manifest
    assert (manifest.parameters, manifest.classes, manifest.precision) == (parameters, 1000, "f32")
    assert manifest.preprocessing == ZOO[name].preprocessing
    assert "Random weights" in manifest.notes
    exported = Bundle.load(catalog / name / "2")
    assert exported.manifest.precision == PRECISIONS[name]
    said = models("verify", exported.folder, "--picture", pictures / "class_3.png")
    assert "runs     batches of 1 and 3, 1000 probabilities each" in said


def test_all_of_them_are_served_side_by_side(catalog, pictures, tmp_path):
    """Each question is answered with the scores that its network gives outside the service."""
    origin = Origin(pictures)
    settings = {"models": str(catalog), "model": "resnet50", "fetch_allow": origin.host}
    with service(tmp_path / "data", **settings) as running:
        running.wait_ready(workers=1)
        for name in PRECISIONS:
            asked = {"url": origin.url("class_3.png"), "model": name, "top": "3"}
            said = httpx.get(f"{running.url}/classify", params=asked, timeout=120).json()
            assert (said["model"], said["modelVersion"]) == (name, "2"), said
            scores = _scores(Bundle.load(catalog / name / "2"), pictures / "class_3.png")
            assert len(said["labels"]) == 3
            for each in said["labels"]:
                assert each["confidence"] == pytest.approx(scores[each["name"]], abs=1e-4)
            assert said["labels"][0]["confidence"] == pytest.approx(max(scores.values()), abs=1e-4)
    origin.close()


def _scores(bundle, picture):
    """Of every class by its name, from the engine alone."""
    from classifier.engines.openvino import OpenVinoEngine
    from training.measuring import prepared

    batch = prepared([picture], bundle.manifest.preprocessing)
    (found,) = OpenVinoEngine.load(bundle).predict(batch)
    return {label.name: float(score) for label, score in zip(bundle.labels, found, strict=True)}


def test_weights_of_a_file_are_those_that_answer(into, tmp_path, pictures):
    """As `fetch` leaves them: Keras's own file, of its earlier format, the classes beside it."""
    import json

    import h5py
    import keras
    from keras.src.legacy.saving import legacy_h5_format

    from classifier.engines.openvino import OpenVinoEngine
    from classifier.zoo import CLASS_INDEX
    from training.measuring import prepared

    known = ZOO["mobilenet-v3-large"]
    plain = keras.applications.MobileNetV3Large(weights=None)
    with h5py.File(tmp_path / known.weights.name, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, plain)
    index = {str(at): [f"n{at:08}", f"thing_{at}"] for at in range(1000)}
    (tmp_path / CLASS_INDEX.name).write_text(json.dumps(index))
    models("import", known.name, "--weights", tmp_path, "--no-layers", "--into", into)
    bundle = Bundle.load(into / known.name / "1")
    assert bundle.labels[7].name == "thing 7"
    batch = prepared(sorted(pictures.iterdir()), known.preprocessing)
    found = OpenVinoEngine.load(bundle, precision="f32").predict(batch)
    wanted = plain.predict_on_batch(batch.astype(np.float32))
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_weights_of_another_network_are_refused(into, tmp_path):
    import keras

    other = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 5)])
    other.save_weights(tmp_path / "w.weights.h5")
    done = CliRunner().invoke(
        app,
        [
            *(
                "models",
                "import",
                "mobilenet-v3-large",
                "--weights",
                str(tmp_path / "w.weights.h5"),
            ),
            *("--labels", str(tmp_path / "none"), "--into", str(into)),
        ],
    )
    assert done.exit_code == 1
    assert "w.weights.h5 holds no weights of mobilenet-v3-large" in done.output
    assert not into.exists()


def test_weights_that_are_not_there_name_the_command_that_gets_them(into, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["models", "import", "vgg19", "--into", str(into)])
    assert done.exit_code == 1
    assert "`classifycloud models fetch vgg19`, or name --weights FILE" in done.output
