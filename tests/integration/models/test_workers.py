"""Two workers of one machine: one download for both, and more models than fit, one after another."""

import hashlib

import pytest

from tests import named_bundle
from tests.integration.models.conftest import picture
from tests.integration.workbench import Bench
from tests.servers import sqs, storage_server
from tests.service import Origin
from wire.index import KEY, Index, chosen, promoted, published

NAMES = ("one", "two", "three")


@pytest.fixture
async def bench(tmp_path, monkeypatch):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "orange.png").write_bytes(picture())
    named_bundle.write(tmp_path / "models", "colors", "1")
    origin = Origin(tmp_path / "pages")
    with sqs(tmp_path / "sqs") as queue, storage_server(tmp_path / "s3") as store:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", queue.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        made = await Bench(tmp_path, origin).open()
        yield made
        await made.close()
    origin.close()


async def test_workers_begin_with_what_the_bucket_says_and_share_what_they_fetch(bench, tmp_path):
    index = Index()
    for name in NAMES:
        folder = named_bundle.write(tmp_path / "new", name, "1")
        for path in folder.iterdir():
            await bench.store.put(f"models/{name}/1/{path.name}", path.read_bytes())
        digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
        index = promoted(published(index, name, "1", digest), name, "1")
    await bench.store.put(KEY, chosen(index, "one").encode().encode())
    for _ in range(2):
        bench.start(cache=tmp_path / "cache", model_memory=30)
    await bench.heard(lambda report: report.state == "ready")
    asked = {}
    for model in (None, "two", "three", "colors", "two") * 4:
        (uuid,) = await bench.ask("orange.png", model=model)
        asked[uuid] = model
    for uuid, answer in (await bench.answers(len(asked))).items():
        expected = asked[uuid] or "one"
        assert answer.error is None
        assert (answer.result, answer.model) == (f"{expected} 1", expected)
    log = bench.log.read_text()
    for name in NAMES:
        assert log.count(f'"fetching a model", "model": "{name}"') == 1
    assert '"a model was let go of"' in log  # each counts for 20 MB and its files
