"""An executor trains on the driver's pictures, or says that it sees others."""

import numpy as np
import pytest
from PIL import Image

from training.augmentation import Augmentation
from training.lab.data import Wanted, opened
from training.recipe import Phase, Recipe
from training.spark.deal import Deal
from training.spark.errors import ExecutorsUnfit
from training.spark.share import Pictures

RECIPE = Recipe("small", (Phase(8, 1),))
COUNT = 5


@pytest.fixture
def folder(tmp_path):
    random = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (place := tmp_path / "pictures" / name).mkdir(parents=True)
        for at in range(COUNT):
            pixels = random.integers(0, 256, (8, 8, 3), np.uint8)
            Image.fromarray(pixels).save(place / f"{at}.png")
    return tmp_path / "pictures"


def told(folder, run):
    wanted = Wanted(str(folder), folder.parent / "cache")
    source = opened(wanted, RECIPE, 0)
    deal = Deal(len(source.split("train", 8).labels), 4, 2, 0, 2, Augmentation())
    return Pictures(run, wanted, RECIPE, 0, deal, source.fingerprint)


def test_the_same_pictures_are_shared(folder):
    pictures, labels = told(folder, "same").part((0,), 0, 0, 8)
    assert len(pictures) == len(labels) == 2


def test_as_many_other_pictures_are_noticed(folder):
    pictures = told(folder, "other")
    (folder / "cat" / "0.png").rename(folder / "cat" / "another.png")
    with pytest.raises(ExecutorsUnfit, match="sees other pictures than the driver"):
        pictures.part((0,), 0, 0, 8)
