"""Real front-end processes over a real queue and store; the worker here speaks wire messages."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.servers import ROOT, free_port, sqs, storage
from wire.aws import Aws
from wire.messages import Answer, Job, Label, Report
from wire.names import QueueNames, upload_key, uploaded
from wire.sqs import SqsQueues
from wire.store import S3Store
from wire.topology import open_shared

NAMES = QueueNames("classifycloud")
PATIENCE = 20.0


class Api:
    """One `python -m api` process on a free port."""

    def __init__(self, folder: Path, **settings: object) -> None:
        given = {"port": 0, "poll_wait": 20} | settings
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
        await eventually(lambda: self.events("listening"), self.log)
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


class Worker:
    """Takes jobs off the real queue; answers those for which `silent` is not set."""

    def __init__(self, queues: SqsQueues, store: S3Store) -> None:
        self._queues = queues
        self._store = store
        self.jobs: list[Job] = []
        self.pictures: list[bytes | None] = []
        self.silent = False
        self._going = False

    async def run(self) -> None:
        requests = (await open_shared(self._queues, NAMES)).requests
        while not self._going:
            for delivery in await requests.receive(10, 1):
                job = Job.decode(delivery.body)
                await requests.delete(delivery.receipt)
                self.jobs.append(job)
                if not self.silent:
                    await self.answer(job)

    async def answer(self, job: Job) -> None:
        key = uploaded(job.image_url)
        if key is not None:
            self.pictures.append(await self._store.get(key))
        label = Label(name=f"seen {job.image_url}", class_id="n1", confidence=0.5)
        answer = Answer(
            uuid=job.uuid,
            image_url=job.image_url,
            result=label.name,
            labels=(label,),
            model="m",
            model_version="1",
        )
        await (await self._queues.open(job.reply_to)).send(answer.encode())

    def stop(self) -> None:
        self._going = True


async def eventually(check, log: Path | None = None) -> None:
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
    running = asyncio.create_task(made.run())
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


@pytest.fixture
async def http():
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(timeout=PATIENCE, limits=limits) as client:
        yield client


def classify(http, api, i=0):
    url = f"https://example.com/{i}.jpg"
    return asyncio.create_task(http.get(f"{api.url}/classify", params={"url": url}))


async def test_two_replicas_each_answer_their_own(start, worker, http):
    first, second = await asyncio.gather(start().ready(), start().ready())
    assert first.queue != second.queue
    replicas = [first, second]
    answers = await asyncio.gather(*(classify(http, replicas[i % 2], i) for i in range(60)))
    assert [a.status_code for a in answers] == [200] * 60
    assert [a.json()["result"] for a in answers] == [
        f"seen https://example.com/{i}.jpg" for i in range(60)
    ]
    assert {job.reply_to for job in worker.jobs} == {first.queue, second.queue}


async def test_a_picture_travels_as_bytes(start, worker, http, account):
    _, store = account
    api = await start().ready()
    picture = bytes(range(256)) * 2000
    raw = await http.post(f"{api.url}/classify", content=picture)
    form = await http.post(f"{api.url}/classify", files={"file": ("cat.jpg", picture)})
    assert (raw.status_code, form.status_code) == (200, 200)
    assert worker.pictures == [picture, picture]
    keys = [upload_key(job.uuid) for job in worker.jobs]
    while await store.keys("uploads/"):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    assert len(set(keys)) == 2


async def test_a_term_signal_leaves_no_client_without_a_word(start, worker, http, account):
    queues, _ = account
    going, other = await asyncio.gather(start(drain_grace=1.5).ready(), start().ready())
    worker.silent = True
    asking = [classify(http, going, i) for i in range(20)]
    await eventually(lambda: len(worker.jobs) == 20)
    going.signal(signal.SIGTERM)
    await eventually(lambda: going.events("shutting down"))
    assert (await http.get(f"{going.url}/readyz")).status_code == 503
    assert (await classify(http, going)).json()["error"]["code"] == "shutting_down"
    for job in worker.jobs[:8]:
        await worker.answer(job)
    answers = await asyncio.gather(*asking)

    ids = {job.uuid for job in worker.jobs}
    served = {a.json()["uuid"] for a in answers if a.status_code == 200}
    home = {a.json()["error"]["job"] for a in answers if a.status_code == 503}
    assert (len(served), len(home)) == (8, 12)
    assert served | home == ids
    assert await going.exit_code() == 0
    assert going.queue in await queues.names(NAMES.responses_prefix)
    for uuid in home:
        found = (await http.get(f"{other.url}/jobs/{uuid}")).json()
        assert (found["uuid"], found["status"]) == (uuid, "queued")


async def test_an_idle_replica_goes_at_once_and_takes_its_queue_along(start, http, account):
    queues, _ = account
    api = await start().ready()
    replica = api.events("queues open")[0]["replica"]
    kept_alive = await http.get(f"{api.url}/healthz")
    assert kept_alive.status_code == 200
    await asyncio.sleep(0.3)
    began = time.monotonic()
    api.signal(signal.SIGINT)
    assert await api.exit_code() == 0
    assert time.monotonic() - began < 8, "an open long poll of 20 s was waited for"
    assert api.queue not in await queues.names(NAMES.responses_prefix)
    reports = await queues.open(NAMES.reports)
    states = []
    while deliveries := await reports.receive(10, 1):
        found = [Report.decode(delivery.body) for delivery in deliveries]
        states += [report.state for report in found if report.sender == replica]
        await asyncio.gather(*(reports.delete(delivery.receipt) for delivery in deliveries))
    assert sorted(states) == ["draining", "ready", "started", "stopped"]


async def test_a_late_answer_is_found_through_the_other_replica(start, worker, http):
    asked, other = await asyncio.gather(start(wait=0.3).ready(), start().ready())
    worker.silent = True
    answer = await classify(http, asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "timed_out")
    url = f"{other.url}/jobs/{answer.json()['error']['job']}"
    assert (await http.get(url)).json()["status"] == "queued"
    await worker.answer(worker.jobs[0])
    while (found := (await http.get(url)).json())["status"] == "queued":  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    assert (found["status"], found["result"]) == ("succeeded", "seen https://example.com/0.jpg")


async def test_a_kill_leaves_the_queue_for_the_balancer(start, worker, http, account):
    queues, _ = account
    api = await start().ready()
    worker.silent = True
    asking = classify(http, api)
    await eventually(lambda: worker.jobs)
    api.signal(signal.SIGKILL)
    with pytest.raises(httpx.TransportError):
        await asking
    assert await api.exit_code() == -signal.SIGKILL
    assert api.queue in await queues.names(NAMES.responses_prefix)


async def test_the_same_signal_twice_ends_it_at_once(start, worker, http):
    api = await start(drain_grace=60).ready()
    worker.silent = True
    asking = classify(http, api)
    await eventually(lambda: worker.jobs)
    api.signal(signal.SIGINT)
    await eventually(lambda: api.events("shutting down"))
    api.signal(signal.SIGTERM)
    await asyncio.sleep(0.2)
    assert api.process.poll() is None, "SIGTERM after Ctrl-C is not yet impatience"
    api.signal(signal.SIGTERM)
    assert await api.exit_code() == 128 + signal.SIGTERM
    with pytest.raises(httpx.TransportError):
        await asking


async def test_it_listens_before_the_endpoint_is_up_and_outlives_its_outage(
    start, http, tmp_path, monkeypatch
):
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{free_port()}")
    early = await start().listening()
    assert (await http.get(f"{early.url}/healthz")).status_code == 200
    assert (await http.get(f"{early.url}/readyz")).status_code == 503
    early.signal(signal.SIGTERM)
    assert await early.exit_code() == 0

    with sqs(tmp_path / "own") as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", endpoint.url)
        endpoint.kill()
        api = await start(wait=30).listening()
        asking = classify(http, api)
        await asyncio.sleep(0.5)
        endpoint.restart()
        await api.ready()
        calls = Aws("us-east-1")
        queues = SqsQueues(calls)
        worker = Worker(queues, S3Store(calls, "pictures"))
        running = asyncio.create_task(worker.run())
        assert (await asking).status_code == 200
        worker.stop()
        await running

        endpoint.kill()
        refused = await classify(http, api)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "queue_unavailable")
        assert refused.json()["error"]["job"] is None
        api.signal(signal.SIGTERM)
        assert await api.exit_code() == 0
        endpoint.restart()
        await calls.close()


async def test_what_it_cannot_start_with_is_said_plainly(start):
    wrong = start(wait="soon")
    assert await wrong.exit_code() == 2
    assert "CLASSIFYCLOUD_WAIT='soon'" in wrong.log.read_text()
    first = await start().listening()
    port = int(first.url.rsplit(":", 1)[1])
    second = start(port=port)
    assert await second.exit_code() == 2
    text = second.log.read_text()
    assert f"127.0.0.1:{port}" in text
    assert "CLASSIFYCLOUD_PORT" in text
    assert "Traceback" not in text
