"""Good pictures of odd kinds are accepted, and called what their plain twins are called."""

import functools

import pytest
from PIL import Image

from classifier.catalog import DEFAULT
from local.samples import FOLDER
from tests.acceptance.hostile.client import Reply, WorldClient
from tests.acceptance.hostile.pictures import encoded
from tests.odd_pictures import KINDS, PHOTOS, named_alike

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module", params=PHOTOS)
def photo(request: pytest.FixtureRequest) -> Image.Image:
    with Image.open(FOLDER / request.param) as sample:
        return sample.convert("RGB").resize(PHOTOS[request.param])


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
    best, second = plain.json["labels"][:2]
    lead = best["confidence"] - second["confidence"]
    alike = named_alike(str(odd.label), best["name"], second["name"], lead)
    assert alike, f"{odd.body}\n{plain.body}"
    assert not odd.packets
