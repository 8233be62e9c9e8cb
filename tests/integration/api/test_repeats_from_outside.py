"""The whole service as a user starts it: what it fetches and says of a picture that comes again."""

import shutil
import subprocess

import httpx
import pytest
from PIL import Image

from tests import color_bundle
from tests.service import Origin, service, wait_until

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]


@pytest.fixture
def origin(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    Image.new("RGB", (64, 64), color_bundle.COLORS[0]).save(folder / "one.png")
    shutil.copy(folder / "one.png", folder / "copy.png")
    served = Origin(folder)
    yield served
    served.close()


def curl(url: str, *options: str) -> str:
    done = subprocess.run(
        ["curl", "-sS", "--max-time", "100", *options, url],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_second_curl_is_answered_without_a_second_fetch(tmp_path, origin):
    color_bundle.write(tmp_path / "models")
    settings = {
        "models": str(tmp_path / "models"),
        "model": "colors",
        "fetch_allow": origin.host,
        "cache_seconds": "60",
        "seen_answers": "100",
    }
    with service(tmp_path / "data", **settings) as running:
        running.wait_ready(workers=1)
        one = f"{running.url}/classify?url={origin.url('one.png')}"
        first, second = curl(one), curl(one, "-i")
        assert '"cached":false' in first
        assert '"cached":true' in second
        assert "age: " in second.lower()
        assert origin.hits == ["/one.png"]
        uuid = httpx.Response(200, text=first).json()["uuid"]
        assert uuid in second
        # Under another name its bytes are fetched and known again.
        copy = curl(f"{running.url}/classify?url={origin.url('copy.png')}")
        assert '"cached":true' in copy
        assert '"inferenceMs":0.0' in copy
        assert origin.hits == ["/one.png", "/copy.png"]
        fresh = curl(one, "-H", "Cache-Control: no-cache")
        assert '"cached":false' in fresh
        assert '"inferenceMs":0.0' not in fresh
        assert origin.hits == ["/one.png", "/copy.png", "/one.png"]
        wait_until(lambda: len(running.records()) >= 3, 20, "three records")
        records = running.records()
    ids = [record["uuid"] for record in records]
    assert len(ids) == len(set(ids)) == 3
    assert uuid in ids
