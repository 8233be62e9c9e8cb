"""The contest of ways of decoding tells a right answer from a wrong one."""

import io

import numpy as np
import pytest
from PIL import Image

from bench.decoding.contest import accuracy, cost, table
from bench.decoding.labeled import photos
from bench.decoding.ways import WAYS
from classifier.manifest import Preprocessing

LABELS = "background\ntabby, tabby cat\ncrane\ncrane, machine\n"


def jpeg(color=(200, 30, 30), size=(80, 60)):
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "labels.txt").write_text(LABELS)
    return tmp_path


def test_a_name_is_a_label_and_may_be_that_of_two(folder):
    for name in ("n02123045_tabby_cat.JPEG", "crane.jpg"):
        (folder / name).write_bytes(jpeg())
    found = photos(folder, folder / "labels.txt")
    assert [each.right for each in found] == [{2, 3}, {1}]


def test_a_photo_of_something_unknown_and_an_empty_folder_are_said(folder):
    with pytest.raises(ValueError, match="no JPEG"):
        photos(folder, folder / "labels.txt")
    (folder / "unicorn.jpg").write_bytes(jpeg())
    with pytest.raises(ValueError, match=r"unicorn\.jpg"):
        photos(folder, folder / "labels.txt")


class Redness:
    """Output 1 for red pictures, 2 for others; surer the redder it is."""

    def scores(self, square):
        red = float(square[..., 0].mean()) / 255
        return np.array([0.0, red, 1 - red, 0.0])


def test_ways_are_judged_by_what_the_network_makes_of_them(folder):
    (folder / "tabby.jpg").write_bytes(jpeg())
    (folder / "crane.jpg").write_bytes(jpeg((20, 30, 200)))
    shown = photos(folder, folder / "labels.txt")
    recipe = Preprocessing(side=32, interpolation="bilinear")
    ways = {
        "whole": WAYS["Pillow, whole"],
        "negative": lambda data, recipe: 255 - WAYS["Pillow, whole"](data, recipe),
    }
    found = accuracy(ways, shown, recipe, Redness())
    assert (found["whole"]["top1"], found["negative"]["top1"]) == (100, 0)
    assert found["whole"]["pixels_off"] == found["whole"]["scores_off"] == 0
    assert found["negative"]["pixels_off"] > 50
    assert found["negative"]["same_top1"] == 0
    head, *rows = table(found)
    assert len(rows) == 2
    assert all(len(row) == len(head) for row in rows)


@pytest.mark.parametrize("name", WAYS)
def test_every_way_makes_the_square_that_is_asked_for(name):
    recipe = Preprocessing(side=32, resize=36, interpolation="bilinear")
    square = WAYS[name](jpeg(size=(100, 90)), recipe)
    assert (square.shape, square.dtype) == ((32, 32, 3), np.uint8)
    assert np.abs(square.astype(int) - (200, 30, 30)).max() <= 4
    assert set(cost({name: WAYS[name]}, [jpeg()], recipe, 2)) == {name}
