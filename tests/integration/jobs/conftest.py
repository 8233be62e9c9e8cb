"""A deployment of its own on real endpoints: replicas and workers are processes that tests start and kill."""

import contextlib
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from tests import color_bundle
from tests.integration.api.conftest import OPEN, PATIENCE, Api
from tests.integration.workbench import Bench
from tests.servers import ROOT, sqs, storage_server
from tests.service import Origin

VISIBILITY = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("jobs")
    color_bundle.write(root / "models")
    pages = root / "pages"
    pages.mkdir()
    photo = (ROOT / "local" / "samples" / "coffee.jpg").read_bytes()
    for name in ("a", "b", "c", "d"):
        (pages / f"{name}.jpg").write_bytes(photo)
    return root


@pytest.fixture(scope="module")
def endpoint(folder):
    with sqs(folder / "sqs") as queue, storage_server(folder / "s3") as store:
        yield queue.url, store


class Deployment:
    """Its replicas and workers; `one` and `other` ask the first two replicas."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.replicas: list[Api] = []
        self._stack = contextlib.AsyncExitStack()

    async def replica(self) -> httpx.AsyncClient:
        bench = self.bench
        api = Api(
            bench.folder,
            deployment=bench.names.deployment,
            bucket=bench.names.deployment,
            models=bench.folder / "models",
            model="colors",
            visibility=VISIBILITY,
            fetch_allow=bench.origin.host,
            drain_grace=1,
            **OPEN,
        )
        self.replicas.append(api)
        await api.ready()
        client = httpx.AsyncClient(base_url=api.url, timeout=60)
        return await self._stack.enter_async_context(client)

    async def until(self, client: httpx.AsyncClient, where: str, *states: str) -> dict:
        """A job, once it is in one of these states."""
        end = time.monotonic() + PATIENCE
        while (found := (await client.get(where)).json()).get("status") not in states:
            assert time.monotonic() < end, found
        return found

    async def close(self) -> None:
        await self._stack.aclose()
        for api in self.replicas:
            api.close()
        await self.bench.close()


@pytest.fixture
async def deployment(endpoint, folder, monkeypatch) -> AsyncIterator[Deployment]:
    queue, store = endpoint
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", queue)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    origin = Origin(folder / "pages")
    made = Deployment(await Bench(folder, origin).open(VISIBILITY))
    yield made
    await made.close()
    origin.close()
