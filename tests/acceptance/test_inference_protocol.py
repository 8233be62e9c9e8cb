"""An unmodified client of another server's maker gets its answers from the running service."""

import io

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.service import Origin, service

pytestmark = pytest.mark.acceptance

client = pytest.importorskip("tritonclient.http")
utils = pytest.importorskip("tritonclient.utils")
MODEL = "tiny-inception"


@pytest.fixture(scope="module")
def running(tmp_path_factory, photos):
    origin = Origin(photos[0].parent)
    with service(tmp_path_factory.mktemp("v2") / "data", fetch_allow=origin.host) as up:
        up.wait_ready(workers=1)
        up.origin = origin
        yield up
    origin.close()


@pytest.fixture
def triton(running):
    made = client.InferenceServerClient(running.url.removeprefix("http://"), network_timeout=60)
    yield made
    made.close()


def asked(running, photo, **parameters):
    """What /classify says of the same bytes."""
    answer = httpx.post(
        f"{running.url}/classify", content=photo.read_bytes(), params=parameters, timeout=60
    )
    assert answer.status_code == 200
    return answer.json()


def sent(name, array, datatype, binary):
    given = client.InferInput(name, list(array.shape), datatype)
    given.set_data_from_numpy(array, binary_data=binary)
    return [given]


def texts(tensor):
    return [[each.decode() if isinstance(each, bytes) else each for each in row] for row in tensor]


def test_it_is_a_server_of_the_protocol(triton):
    assert triton.is_server_live()
    assert triton.is_server_ready()
    assert triton.is_model_ready(MODEL)
    assert triton.is_model_ready(MODEL, "1")
    assert not triton.is_model_ready("none")
    assert "binary_tensor_data" in triton.get_server_metadata()["extensions"]
    about = triton.get_model_metadata(MODEL)
    assert about["versions"] == ["1"]
    assert {each["name"]: each["datatype"] for each in about["inputs"]} == {
        "image": "BYTES",
        "url": "BYTES",
        "pixels": "UINT8",
    }
    with pytest.raises(utils.InferenceServerException, match="model_not_found"):
        triton.get_model_metadata("none")


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("answered_binary", [True, False])
def test_pictures_by_url_and_as_bytes(running, triton, photos, binary, answered_binary):
    few = photos[:3]
    expected = [asked(running, photo, top=3) for photo in few]
    outputs = [
        client.InferRequestedOutput(name, binary_data=answered_binary)
        for name in ("label", "class_id", "confidence")
    ]
    urls = np.array([running.origin.url(photo.name).encode() for photo in few], np.object_)
    inputs = [sent("url", urls, "BYTES", binary)]
    if binary:
        files = np.array([photo.read_bytes() for photo in few], np.object_)
        inputs.append(sent("image", files, "BYTES", binary))
    for each in inputs:
        found = triton.infer(
            MODEL, each, model_version="1", outputs=outputs, request_id="7", parameters={"top": 3}
        )
        labels = [[label["name"] for label in one["labels"]] for one in expected]
        assert texts(found.as_numpy("label")) == labels
        ids = [[label["classId"] for label in one["labels"]] for one in expected]
        assert texts(found.as_numpy("class_id")) == ids
        confidences = [[label["confidence"] for label in one["labels"]] for one in expected]
        np.testing.assert_allclose(found.as_numpy("confidence"), confidences, atol=1e-5)
        assert found.get_response()["id"] == "7"


@pytest.mark.parametrize("binary", [True, False])
def test_pixels(running, triton, binary):
    pixels = np.random.default_rng(3).integers(0, 256, (2, 60, 50, 3), np.uint8)
    found = triton.infer(MODEL, sent("pixels", pixels, "UINT8", binary))
    for row, picture in zip(texts(found.as_numpy("label")), pixels, strict=True):
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG")
        answer = httpx.post(f"{running.url}/classify", content=file.getvalue(), timeout=60).json()
        assert row == [label["name"] for label in answer["labels"]]


def test_filters_and_errors_are_those_of_the_service(running, triton, photos):
    picture = np.array([photos[0].read_bytes()], np.object_)
    second = asked(running, photos[0], top=2)["labels"][1]["name"]
    found = triton.infer(
        MODEL, sent("image", picture, "BYTES", True), parameters={"include": second.upper()}
    )
    assert texts(found.as_numpy("label")) == [[second]]
    broken = np.array([photos[0].read_bytes(), b"no picture"], np.object_)
    with pytest.raises(utils.InferenceServerException) as refused:
        triton.infer(MODEL, sent("image", broken, "BYTES", True))
    assert refused.value.status() == "415"
    assert refused.value.message().startswith("unsupported_format: Picture 1 of 2")
    inside = np.array([b"http://169.254.169.254/latest"], np.object_)
    with pytest.raises(utils.InferenceServerException, match="blocked_address"):
        triton.infer(MODEL, sent("url", inside, "BYTES", False))


def test_filters_over_http(running, photos):
    whole = asked(running, photos[0], top=1000)["labels"]
    url = running.origin.url(photos[0].name)
    least = whole[2]["confidence"]
    likely = [label for label in whole if label["confidence"] >= least]
    for given, expected in (
        ({"minConfidence": least, "top": 1000}, likely),
        ({"exclude": whole[0]["classId"], "top": 2}, whole[1:3]),
        ({"include": [whole[9]["name"], whole[4]["classId"]]}, [whole[4], whole[9]]),
        ({"include": whole[9]["name"], "minConfidence": 1}, []),
    ):
        got = httpx.get(f"{running.url}/classify", params={"url": url} | given, timeout=60).json()
        shown = [label["classId"] for label in got["labels"]]
        assert shown == [label["classId"] for label in expected]
        assert got["result"] == (expected[0]["name"] if expected else None)
    slip = httpx.get(f"{running.url}/classify", params={"url": url, "include": "tabbie cat"})
    assert (slip.status_code, slip.json()["error"]["code"]) == (400, "invalid_parameter")
