"""A service whose spans go to a file, and where its pictures are."""

import shutil
from pathlib import Path

import pytest

from tests.service import Origin, service

SAMPLES = Path(__file__).resolve().parents[3] / "local" / "samples"


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """An origin whose /moved leads on to /moved/, where a picture is."""
    folder = tmp_path_factory.mktemp("pictures")
    shutil.copy(SAMPLES / "chelsea.jpg", folder)
    (folder / "moved").mkdir()
    shutil.copy(SAMPLES / "coffee.jpg", folder / "moved" / "index.html")
    served = Origin(folder)
    yield served
    served.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory, origin):
    data = tmp_path_factory.mktemp("up") / "data"
    spans = str(data / "traces.jsonl")
    with service(data, fetch_allow=origin.host, traces=spans, max_workers="1") as started:
        started.wait_ready(workers=1)
        yield started
