"""Pictures for the service to fetch: real photos where they are at hand, the samples otherwise."""

import shutil
from pathlib import Path

import pytest

from tests.browser import browser as browser
from tests.browser import visit as visit
from tests.service import Origin

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "local" / "samples"


@pytest.fixture(scope="session")
def photos(tmp_path_factory) -> list[Path]:
    """Forty different pictures."""
    real = sorted((ROOT.parent / "shared" / "photos").glob("*.JPEG"))
    if len(real) >= 40:
        return real[:40]
    folder = tmp_path_factory.mktemp("photos")
    samples = sorted(SAMPLES.rglob("*.jpg"))
    assert samples, f"no sample pictures in {SAMPLES}"
    for i in range(40):
        shutil.copy(samples[i % len(samples)], folder / f"{i}.jpg")
    return sorted(folder.glob("*.jpg"))


@pytest.fixture
def origin(photos):
    """An origin on loopback that serves them."""
    served = Origin(photos[0].parent)
    yield served
    served.close()
