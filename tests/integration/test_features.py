"""Layers through the running service: the numbers that plain Keras has, as JSON and .npy, large ones too."""

import io
import json
import shutil
from pathlib import Path

import httpx
import numpy as np
import pytest

keras = pytest.importorskip("keras")

from classifier.bundle import LAYERS, MANIFEST  # noqa: E402
from classifier.catalog import BUNDLED, Catalog  # noqa: E402
from classifier.limits import ImageLimits  # noqa: E402
from classifier.preprocess import prepare  # noqa: E402
from tests.service import BUCKET, Origin, service, wait_until  # noqa: E402

SAMPLES = Path(__file__).resolve().parents[2] / "local" / "samples"
# A convolution over the whole picture (131 kB), one that goes through S3 (197 kB), a module, and the end.
LARGE = "concatenate_1"
SEEN = ("conv2d", LARGE, "concatenate_8", "logits")


@pytest.fixture(scope="module")
def picture():
    return sorted(SAMPLES.glob("*.jp*g"))[0]


def less(models, name, files):
    """The bundled model under another name, without some of its files."""
    bundle = models / name / "1"
    shutil.copytree(BUNDLED / "tiny-inception" / "1", bundle)
    described = json.loads((bundle / MANIFEST).read_text())
    described["name"] = name
    for each in files:
        described["files"].pop(each)
        (bundle / each).unlink()
    (bundle / MANIFEST).write_text(json.dumps(described))


@pytest.fixture(scope="module")
def running(tmp_path_factory, picture):
    """The service with the bundled model, and the same with fewer files under other names."""
    folder = tmp_path_factory.mktemp("features")
    shutil.copytree(BUNDLED, folder / "models")
    less(folder / "models", "bare", (*LAYERS, "model.keras"))
    less(folder / "models", "by-keras", LAYERS)
    origin = Origin(picture.parent)
    settings = {"models": str(folder / "models"), "fetch_allow": origin.host}
    with service(folder / "data", **settings) as started:
        started.origin = origin
        started.wait_ready(workers=1)
        yield started
    origin.close()


@pytest.fixture(scope="module")
def by_keras(picture):
    """Each layer's activation by its name."""
    bundle = Catalog().find()
    prepared = prepare(picture.read_bytes(), bundle.manifest.preprocessing, ImageLimits())
    model = keras.saving.load_model(bundle.keras, compile=False)
    part = keras.Model(model.inputs, [model.get_layer(name).output for name in SEEN])
    given = part(prepared[None].astype(np.float32), training=False)
    return {name: np.asarray(value)[0] for name, value in zip(SEEN, given, strict=True)}


def asked(running, picture, layer, **options):
    url = running.origin.url(picture.name)
    params = {"url": url, "layer": layer, **options}
    return httpx.get(f"{running.url}/features", params=params, timeout=60)


def error(response):
    return response.status_code, response.json()["error"]["code"]


def in_store(running):
    """The keys of the activations that are kept."""
    listed = running.s3().list_objects_v2(Bucket=BUCKET, Prefix="features/")
    return {row["Key"] for row in listed.get("Contents", ())}


@pytest.mark.parametrize("layer", SEEN)
def test_a_layer_is_what_keras_says(running, picture, by_keras, layer):
    response = asked(running, picture, layer, format="npy")
    assert response.headers["content-type"] == "application/x-npy"
    given = np.load(io.BytesIO(response.content))
    assert given.dtype == np.float32
    np.testing.assert_allclose(given, by_keras[layer], atol=1e-4)


def test_a_bundle_with_a_keras_network_alone_gives_its_layers_too(running, picture, by_keras):
    response = asked(running, picture, "concatenate_8", model="by-keras", format="npy")
    given = np.load(io.BytesIO(response.content))
    np.testing.assert_allclose(given, by_keras["concatenate_8"], atol=1e-4)
    assert error(asked(running, picture, "nowhere", model="by-keras")) == (404, "layer_not_found")


def test_bytes_that_are_sent_give_the_same_as_json(running, picture, by_keras):
    response = httpx.post(
        f"{running.url}/features",
        params={"layer": "concatenate_8"},
        content=picture.read_bytes(),
        timeout=60,
    )
    said = response.json()
    assert (said["layer"], said["dtype"], said["model"]) == (
        "concatenate_8",
        "float32",
        "tiny-inception",
    )
    given = np.array(said["values"], np.float32).reshape(said["shape"])
    np.testing.assert_allclose(given, by_keras["concatenate_8"], atol=1e-4)


def test_the_accept_header_chooses_too(running, picture):
    url = running.origin.url(picture.name)
    response = httpx.get(
        f"{running.url}/features",
        params={"url": url, "layer": "logits"},
        headers={"Accept": "application/x-npy"},
        timeout=60,
    )
    assert np.load(io.BytesIO(response.content)).shape == (200,)
    assert response.headers["x-shape"] == "200"


def test_nothing_of_a_large_one_stays_in_the_store(running, picture):
    before = in_store(running)
    response = asked(running, picture, LARGE)
    assert response.json()["shape"] == [16, 16, 192]
    wait_until(lambda: in_store(running) == before, 60, "the activation stays in the store")


def test_a_large_one_under_a_key_is_given_again(running, picture):
    url = running.origin.url(picture.name)
    ask = {
        "url": f"{running.url}/features",
        "params": {"url": url, "layer": LARGE, "format": "npy"},
        "headers": {"Idempotency-Key": "once"},
        "timeout": 60,
    }
    before = in_store(running)
    first, second = httpx.get(**ask), httpx.get(**ask)
    assert len(in_store(running) - before) == 1
    assert len(first.content) > 200_000 / 4 * 3
    assert first.content == second.content
    assert second.headers["Idempotency-Replayed"] == "true"


def test_a_wrong_name_is_told_the_right_ones(running, picture):
    response = asked(running, picture, "conv2d_999")
    assert error(response) == (404, "layer_not_found")
    message = response.json()["error"]["message"]
    assert "conv2d_999" in message
    assert "rescaling, conv2d, batch_normalization" in message


def test_a_model_without_layers_names_those_that_have(running, picture):
    response = asked(running, picture, "logits", model="bare")
    assert error(response) == (400, "no_layers")
    assert "tiny-inception 1" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "options", [{"layer": ""}, {"layer": "x" * 201}, {"layer": "logits", "format": "png"}]
)
def test_what_no_request_may_say(running, picture, options):
    assert error(asked(running, picture, **options)) == (400, "invalid_parameter")


def test_features_and_labels_do_not_mix(running, picture):
    url = running.origin.url(picture.name)
    labels = httpx.get(f"{running.url}/classify", params={"url": url}, timeout=60).json()
    features = asked(running, picture, "logits").json()
    again = httpx.get(f"{running.url}/classify", params={"url": url}, timeout=60).json()
    assert "values" in features
    assert "labels" not in features
    assert again["result"] == labels["result"]
    assert "features" not in again
