"""Good pictures of odd kinds are accepted, and called what their plain twins are called."""

import functools

import pytest
from PIL import Image

from classifier.catalog import DEFAULT
from tests.acceptance.hostile.client import ROOT, Reply, WorldClient
from tests.acceptance.hostile.pictures import encoded
from tests.odd_pictures import KINDS

pytestmark = pytest.mark.acceptance
SAMPLES = ROOT / "local" / "samples"
SIDE = 224  # of what the kinds are made from; large enough for the model, small enough to be quick


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A sample that the bundled model is sure of, so that a twin's name is no toss of a coin."""
    with Image.open(SAMPLES / "coffee.jpg") as sample:
        return sample.convert("RGB").resize((SIDE, SIDE))


@functools.cache
def _named(world: WorldClient, file: bytes) -> Reply:
    return world.ask("POST", f"/classify?model={DEFAULT}", file)


def test_there_are_twenty() -> None:
    assert len(KINDS) >= 20


@pytest.mark.parametrize("kind", KINDS)
def test_an_odd_picture_is_what_its_plain_twin_is(
    world: WorldClient, photo: Image.Image, kind: str
) -> None:
    odd = _named(world, KINDS[kind].make(photo))
    plain = _named(world, encoded(KINDS[kind].twin(photo), "PNG"))
    assert plain.status == 200, plain.body
    assert odd.status == 200, odd.body
    assert odd.label == plain.label, f"{odd.body}\n{plain.body}"
    assert not odd.packets
