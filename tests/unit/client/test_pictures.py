"""What may be asked about, and what comes out of a layer."""

import io
import math
from pathlib import Path

import numpy
import pytest

from classifycloud.client.activations import Features, from_npy, from_values
from classifycloud.client.pictures import is_url, source


@pytest.mark.parametrize(
    ("picture", "url"),
    [("https://h/a.jpg", True), ("a.jpg", False), ("./http:/a.jpg", False), ("ftp://h/a", True)],
)
def test_what_has_a_scheme_is_fetched_by_the_service(picture: str, url: bool) -> None:
    assert is_url(picture) is url


def test_a_picture_comes_in_every_form(tmp_path: Path) -> None:
    path = tmp_path / "cat.jpg"
    path.write_bytes(b"cat")
    with path.open("rb") as file:
        forms = [
            path,
            str(path),
            b"cat",
            bytearray(b"cat"),
            memoryview(b"cat"),
            io.BytesIO(b"cat"),
            file,
        ]
        assert {source(each).content for each in forms} == {b"cat"}
    assert source("https://h/cat.jpg").url == "https://h/cat.jpg"
    with pytest.raises(FileNotFoundError):
        source(tmp_path / "dog.jpg")


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 2, 3)])
def test_activations_are_numpys_both_ways(shape: tuple[int, ...]) -> None:
    wanted = numpy.arange(math.prod(shape), dtype="<f4").reshape(shape)
    file = io.BytesIO()
    numpy.save(file, wanted)
    found = from_npy(file.getvalue())
    numpy.testing.assert_array_equal(found.numpy(), wanted)
    numpy.testing.assert_array_equal(numpy.load(io.BytesIO(found.as_npy())), wanted)
    assert found.values().tolist() == wanted.ravel().tolist()
    document = {"uuid": "a", "shape": list(shape), "values": wanted.ravel().tolist()}
    assert from_values(document, b"").data == found.data


@pytest.mark.parametrize(
    "content", [b"", b"\x93NUMPY\x01\x00\x00\x00", b"{}", b"\x93NUMPY\x02\x00"]
)
def test_what_is_no_activation_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="NumPy"):
        from_npy(content)


def test_a_file_that_was_cut_short_is_refused() -> None:
    whole = Features((4,), bytes(16), b"").as_npy()
    with pytest.raises(ValueError, match="not whole"):
        from_npy(whole[:-1])
