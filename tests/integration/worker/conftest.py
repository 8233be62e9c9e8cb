"""Real endpoints, an origin of pictures, and a deployment on them in which a test starts its workers."""

import pytest
from PIL import Image

from tests import color_bundle
from tests.integration.workbench import Bench, huge_png
from tests.servers import ROOT, sqs, storage_server
from tests.service import Origin

PHOTOS = ROOT / "local" / "samples"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the origin serves, the models, and the data of the endpoints."""
    root = tmp_path_factory.mktemp("worker")
    color_bundle.write(root / "models")
    pages = root / "pages"
    pages.mkdir()
    for name in ("chelsea.jpg", "coffee.jpg"):
        (pages / name).write_bytes((PHOTOS / name).read_bytes())
    (pages / "page.html").write_text("<!doctype html><title>no picture</title>")
    (pages / "empty.jpg").write_bytes(b"")
    (pages / "cut.jpg").write_bytes((PHOTOS / "coffee.jpg").read_bytes()[:2000])
    (pages / "huge.png").write_bytes(huge_png())
    Image.new("RGB", (7000, 7000), "red").save(pages / "large.png")  # long to decode
    return root


@pytest.fixture(scope="module")
def endpoint(folder):
    with sqs(folder / "sqs") as queue, storage_server(folder / "s3") as store:
        yield queue, store


@pytest.fixture
def origin(folder):
    origin = Origin(folder / "pages")
    yield origin
    origin.close()


@pytest.fixture
async def bench(endpoint, folder, origin, monkeypatch):
    queue, store = endpoint
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", queue.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    bench = Bench(folder, origin)
    yield bench
    await bench.close()
