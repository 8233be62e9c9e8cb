"""A thousand damaged pictures: each gets a verdict, no worker is lost, memory stays within its bound."""

import pytest
from PIL import Image

from tests.acceptance.hostile import flips
from tests.acceptance.hostile.client import ROOT, WorldClient
from tests.acceptance.hostile.judge import Judge
from tests.acceptance.hostile.memory import PEAK

pytestmark = pytest.mark.acceptance
SEED, COUNT, PARTS, AT_ONCE = 20261121, 1000, 10, 8
SAMPLE = ROOT / "local" / "samples" / "chelsea.jpg"
VERDICTS = {200, 413, 415, 422}


@pytest.fixture(scope="module")
def files() -> list[tuple[str, bytes]]:
    with Image.open(SAMPLE) as sample:
        photo = sample.convert("RGB").resize((96, 96))
    return list(flips.damaged(photo, COUNT, SEED))


@pytest.fixture(scope="module")
def first_worker(world: WorldClient) -> list[list[float]]:
    return world.processes()["workers"]


@pytest.mark.parametrize("part", range(PARTS))
def test_bit_flipped_pictures(
    judge: Judge, files: list[tuple[str, bytes]], first_worker: list[list[float]], part: int
) -> None:
    size = COUNT // PARTS
    mine = files[part * size : (part + 1) * size]
    replies = judge.world.volley([file for _, file in mine], AT_ONCE)
    strange = [
        (name, reply)
        for (name, _), reply in zip(mine, replies, strict=True)
        if reply[0] not in VERDICTS
    ]
    assert not strange
    judge.next_good()
    after = judge.world.processes()
    assert after["workers"] == first_worker, "a worker was lost"
    assert after["peak"] < PEAK
    assert not after["zombies"]


def test_the_flips_are_no_harmless_ones(judge: Judge, files: list[tuple[str, bytes]]) -> None:
    statuses = [status for status, _ in judge.world.volley([f for _, f in files[:104]], AT_ONCE)]
    assert len(set(statuses)) >= 3, f"all alike: {set(statuses)}"
