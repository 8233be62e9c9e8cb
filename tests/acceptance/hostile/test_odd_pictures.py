"""Good pictures of odd kinds are accepted, and called what their plain twins are called."""

import functools

import pytest
from PIL import Image

from classifier.catalog import DEFAULT
from local.samples import FOLDER
from tests.acceptance.hostile.client import Reply, WorldClient
from tests.acceptance.hostile.pictures import encoded
from tests.odd_pictures import KINDS

pytestmark = pytest.mark.acceptance
SIDES = (
    300,
    240,
)  # at which the model is sure enough of both samples that no name is a toss of a coin


@pytest.fixture(scope="module", params=["chelsea.jpg", "coffee.jpg"])
def photo(request: pytest.FixtureRequest) -> Image.Image:
    with Image.open(FOLDER / request.param) as sample:
        return sample.convert("RGB").resize(SIDES)


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
