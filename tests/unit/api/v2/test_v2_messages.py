"""Bodies of the inference protocol, written and read by Triton's own client."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from api.v2.question import File, Link, read
from api.v2.verdict import LENGTH, written
from wire.errors import BodyTooLarge, InvalidParameter
from wire.messages import Answer, Label

client = pytest.importorskip("tritonclient.http")
MOST = 100_000


def body(array, name, datatype, binary=True, outputs=None, **parameters):
    """What Triton's client sends, and how much of it is JSON."""
    given = client.InferInput(name, list(array.shape), datatype)
    given.set_data_from_numpy(array, binary_data=binary)
    asked = {"inputs": [given], "outputs": outputs, "parameters": parameters}
    text, size = client.InferenceServerClient.generate_request_body(**asked)
    return text, None if size is None else str(size)


def asked(*arguments, **more):
    return read(*body(*arguments, **more), "m", "1", MOST)


def objects(*elements):
    return np.array(elements, dtype=np.object_)


@pytest.mark.parametrize("binary", [True, False])
def test_pictures_urls_and_pixels_come_binary_and_in_json(binary):
    files = [b"\xff\xd8 not \x00 text", b"second"]
    sent = files if binary else [base64.b64encode(each) for each in files]
    assert asked(objects(*sent), "image", "BYTES", binary).pictures == [File(f) for f in files]
    urls = ["https://example.com/é.jpg", "https://example.com/b.jpg"]
    found = asked(objects(*(url.encode() for url in urls)), "url", "BYTES", binary)
    assert found.pictures == [Link(url) for url in urls]
    pixels = np.random.default_rng(1).integers(0, 256, (2, 5, 7, 3), np.uint8)
    drawn = asked(pixels, "pixels", "UINT8", binary).pictures
    for each, expected in zip(drawn, pixels, strict=True):
        np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(each.data))), expected)


def test_parameters_are_those_of_classify():
    options = asked(
        objects(b"x"), "image", "BYTES", top=3, minConfidence=0.5, include="Cat"
    ).options
    assert (options.top, options.model, options.model_version) == (3, "m", "1")
    assert (options.sieve.min_confidence, options.sieve.include) == (0.5, ("cat",))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda sent: sent["inputs"].append(sent["inputs"][0]), "inputs"),
        (lambda sent: sent["inputs"][0].update(name="data"), "there is no data BYTES"),
        (lambda sent: sent["inputs"][0].update(datatype="FP32"), "there is no url FP32"),
        (lambda sent: sent["inputs"][0].update(shape=[2]), "do not fill the shape"),
        (lambda sent: sent["inputs"][0].update(shape=[17]), "1 to 16"),
        (lambda sent: sent["inputs"][0].update(shape=[-1]), "1 to 16"),
        (lambda sent: sent["inputs"][0].update(data=[1]), "texts"),
        (lambda sent: sent["inputs"][0].update(parameters={"binary_data_size": 4}), "binary_data"),
        (lambda sent: sent.update(outputs=[{"name": "scores"}]), "outputs"),
        (lambda sent: sent.update(parameters={"top": 0}), "top"),
        (lambda sent: sent.update(parameters={"top": True}), "top"),
        (lambda sent: sent.update(parameters={"minConfidence": 2}), "minConfidence"),
        (lambda sent: sent.update(parameters={"include": 3}), "include"),
        (lambda sent: sent.pop("inputs"), "inputs"),
    ],
)
def test_what_is_wrong_is_told(change, said):
    sent = {"inputs": [{"name": "url", "shape": [1], "datatype": "BYTES", "data": ["http://a/"]}]}
    change(sent)
    with pytest.raises(InvalidParameter, match=said):
        read(json.dumps(sent).encode(), None, "m", None, MOST)


@pytest.mark.parametrize("header", ["-1", "x", "99999999999999999999", "²"])
def test_a_length_that_is_none_is_refused(header):
    with pytest.raises(InvalidParameter, match="Content-Length"):
        read(b"{}", header, "m", None, MOST)


def test_every_truncation_is_refused_as_such():
    text, size = body(objects(b"picture", b"other"), "image", "BYTES")
    for end in range(len(text)):
        with pytest.raises(InvalidParameter):
            read(text[:end], size, "m", None, MOST)


def test_what_is_too_large_is_refused():
    with pytest.raises(BodyTooLarge):
        asked(objects(b"x" * (MOST + 1)), "image", "BYTES")
    with pytest.raises(BodyTooLarge):
        asked(np.zeros((1, 200, 200, 3), np.uint8), "pixels", "UINT8")


def answer(uuid, *labels):
    named = tuple(Label(name=f"é{at}", class_id=f"n{at}", confidence=at / 8) for at in labels)
    return Answer(uuid=uuid, image_url="u", labels=named, model="m", model_version="2")


@pytest.mark.parametrize("binary", [True, False])
def test_outputs_read_as_they_were_meant(binary):
    outputs = dict.fromkeys(("label", "class_id", "confidence"), binary)
    text, headers = written([answer("a", 5, 3), answer("b", 2)], outputs, "m", "7")
    length = headers.get(LENGTH)
    result = client.InferResult.from_response_body(text, header_length=length and int(length))
    shown = result.as_numpy("label")
    texts = [[each.decode() if binary else each for each in row] for row in shown.tolist()]
    assert texts == [["é5", "é3"], ["é2", ""]]
    assert result.as_numpy("class_id").shape == (2, 2)
    assert result.as_numpy("confidence").dtype == np.float32
    np.testing.assert_array_equal(result.as_numpy("confidence"), [[5 / 8, 3 / 8], [2 / 8, 0]])
    said = result.get_response()
    assert (said["id"], said["model_version"]) == ("7", "2")
    assert said["parameters"]["jobs"] == "a,b"


def test_no_label_left_of_any_picture_is_an_empty_tensor():
    text, headers = written([answer("a")], {"label": True}, "m", None)
    result = client.InferResult.from_response_body(text, header_length=int(headers[LENGTH]))
    assert result.as_numpy("label").shape == (1, 0)
