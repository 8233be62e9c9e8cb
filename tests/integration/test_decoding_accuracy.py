"""What is saved in decoding is not taken from the answers: 200 labeled photos, a real network."""

import pytest

from bench.decoding.contest import accuracy
from bench.decoding.labeled import Network, photos
from bench.decoding.ways import WAYS
from classifier.manifest import Preprocessing

ONE_PHOTO = 0.5  # percent of 200


@pytest.fixture(scope="module")
def network(shared_dir):
    folder = shared_dir / "models" / "mobilenet_v2_imagenet"
    if not folder.exists() or not (shared_dir / "photos").exists():
        pytest.skip("needs the photos and the network of ../shared")
    return Network(next(folder.glob("*.tflite"))), folder / "imagenet_labels.txt"


@pytest.mark.parametrize("resize", [256, None], ids=["center", "squeezed"])
def test_answers_are_as_good_as_with_every_pixel_decoded_and_averaged(network, shared_dir, resize):
    model, labels = network
    recipe = Preprocessing(side=model.side, resize=resize, interpolation="bilinear")
    ways = {name: WAYS[name] for name in ("Pillow, whole", "served")}
    found = accuracy(ways, photos(shared_dir / "photos", labels), recipe, model)
    whole, served = found["Pillow, whole"], found["served"]
    assert whole["top1"] > 80
    for name in ("top1", "top5"):
        assert served[name] >= whole[name] - ONE_PHOTO
    assert served["score_of_right"] >= whole["score_of_right"]
