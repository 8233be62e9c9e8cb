"""Real front-end processes over a real queue and store; the worker here speaks wire messages."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.servers import ROOT, sqs, storage
from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.messages import Answer, Job, Label
from wire.names import QueueNames, result_key, uploaded
from wire.queues import Queue
from wire.sqs import SqsQueues
from wire.store import S3Store
from wire.topology import open_shared

NAMES = QueueNames("classifycloud")
PATIENCE = 90.0  # seconds; the machine may be busy with other things


# Who may ask, and how often, is a matter of tests of their own.
NONE = {"address_rate": 0, "key_rate": 0, "host_jobs": 0, "client_jobs": 0, "cache_seconds": 0}
OPEN = {"access": "public"} | NONE


class Api:
    """One `python -m api` process on a free port."""

    def __init__(self, folder: Path, **settings: object) -> None:
        given = {"port": 0, "poll_wait": 20} | OPEN | settings
        self.log = folder / f"api-{time.monotonic_ns()}.log"
        with self.log.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api"],
                cwd=ROOT,
                env={
                    **os.environ,
                    **{f"CLASSIFYCLOUD_{k.upper()}": str(v) for k, v in given.items()},
                },
                stdout=sink,
                stderr=sink,
            )

    def events(self, name: str) -> list[dict]:
        lines = [line for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [row for row in map(json.loads, lines) if row["event"] == name]

    @property
    def url(self) -> str:
        return self.events("listening")[0]["address"]

    async def listening(self) -> "Api":
        await _eventually(lambda: self.events("listening"), self.log)
        return self

    async def ready(self) -> "Api":
        await self.listening()
        async with httpx.AsyncClient() as client:
            for _ in range(round(PATIENCE / 0.02)):
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return self
                await asyncio.sleep(0.02)
        raise AssertionError(self.log.read_text())

    @property
    def queue(self) -> str:
        return self.events("queues open")[-1]["responses"]

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    async def exit_code(self) -> int:
        return await asyncio.to_thread(self.process.wait, PATIENCE)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def seen(job: Job) -> Answer:
    """Labels that name the picture."""
    label = Label(name=f"seen {job.image_url}", class_id="n1", confidence=0.5)
    return Answer(
        uuid=job.uuid,
        image_url=job.image_url,
        result=label.name,
        labels=(label,),
        model="m",
        model_version="1",
    )


class Worker:
    """Takes jobs off the real queue; answers those for which `silent` is not set."""

    def __init__(self, queues: SqsQueues, store: S3Store) -> None:
        self._queues = queues
        self._store = store
        self.jobs: list[Job] = []
        self.pictures: list[bytes | None] = []
        self.silent = False
        self.verdict = seen
        self._going = False

    async def run(self, requests: Queue) -> None:
        while not self._going:
            with contextlib.suppress(QueueUnavailable):
                for delivery in await requests.receive(10, 1):
                    await requests.delete(delivery.receipt)
                    await self._work(Job.decode(delivery.body))

    async def _work(self, job: Job) -> None:
        self.jobs.append(job)
        if not self.silent:
            await self.answer(job)

    async def answer(self, job: Job) -> None:
        key = uploaded(job.image_url)
        if key is not None:
            self.pictures.append(await self._store.get(key))
        answer = self.verdict(job)
        if job.persist == "each":
            await self._store.put_new(result_key(job.uuid), answer.encode().encode())
        await (await self._queues.open(job.reply_to)).send(answer.encode())

    def stop(self) -> None:
        self._going = True


async def _eventually(check, log: Path | None = None) -> None:
    end = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < end, _said(log)
        await asyncio.sleep(0.02)


def _said(log: Path | None) -> str:
    return log.read_text() if log else "in vain"


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("aws")
    with sqs(folder / "sqs") as queue, storage(folder / "s3") as store:
        yield {"SQS": queue.url, "S3": store.url}


@pytest.fixture
def aws(endpoints, monkeypatch):
    """The environment in which boto3, here and in the processes, finds the local endpoints."""
    for service, url in endpoints.items():
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("CLASSIFYCLOUD_BUCKET", "pictures")


@pytest.fixture
async def account(aws):
    """Queues and store as the test sees them."""
    calls = Aws("us-east-1")
    queues, store = SqsQueues(calls), S3Store(calls, "pictures")
    await store.ensure_bucket("us-east-1")
    yield queues, store
    await queues.close()
    await calls.close()


@pytest.fixture
async def worker(account):
    made = Worker(*account)
    requests = (await open_shared(account[0], NAMES)).requests
    running = asyncio.create_task(made.run(requests))
    yield made
    made.stop()
    await running


@pytest.fixture
async def start(aws, tmp_path):
    """Starts replicas, and ends them when the test is over."""
    started = []

    def begin(**settings):
        started.append(Api(tmp_path, **settings))
        return started[-1]

    yield begin
    for api in started:
        api.close()


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Starts replicas whose queues and store are out of reach: what they say before they need them."""
    folder = tmp_path_factory.mktemp("alone")
    started = []

    def begin(**settings):
        api = Api(folder, **settings)
        started.append(api)
        end = time.monotonic() + PATIENCE
        while not api.events("listening"):
            assert time.monotonic() < end, api.log.read_text()
            time.sleep(0.02)
        return api

    with pytest.MonkeyPatch.context() as patch:
        for service in ("SQS", "S3"):
            patch.setenv(f"AWS_ENDPOINT_URL_{service}", "http://127.0.0.1:9")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield begin
        for api in started:
            api.close()


@pytest.fixture
async def http():
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(timeout=60, limits=limits) as client:
        yield client


@pytest.fixture
def classify(http):
    """Asks a replica for the label of a made-up URL; the answer is awaited."""

    def ask(api: Api, i: int = 0) -> asyncio.Task[httpx.Response]:
        url = f"https://example.com/{i}.jpg"
        return asyncio.create_task(http.get(f"{api.url}/classify", params={"url": url}))

    return ask


@pytest.fixture
def eventually():
    """Waits until a check is true, with a limit."""
    return _eventually
