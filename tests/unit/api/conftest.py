"""One deployment in memory: replicas that share queues and store, and a worker that answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.models import Models
from api.replica import Replica
from classifier.catalog import DEFAULT, Catalog
from wire.memory import MemoryQueues, MemoryStore
from wire.messages import Answer, Job, Label, Report, Timings
from wire.names import QueueNames
from wire.queues import QueueMissing
from wire.settings import ApiSettings
from wire.topology import open_shared

# Who may ask, and how often, is a matter of tests of their own.
NONE = {"address_rate": 0, "key_rate": 0, "host_jobs": 0, "client_jobs": 0, "cache_seconds": 0}
OPEN = {"access": "public"} | NONE
Verdict = Callable[[Job], Answer | None]


def classified(job: Job) -> Answer:
    """What a worker says of every picture here."""
    labels = [
        Label(name=f"thing {i}", class_id=f"n{i:08}", confidence=1 / (i + 2))
        for i in range(min(job.top, 3))
    ]
    return Answer(
        uuid=job.uuid,
        image_url=job.image_url,
        result=labels[0].name,
        labels=tuple(labels),
        model=job.model or "tiny-inception",
        model_version=job.model_version or "1",
        timings=Timings(queue_ms=1, fetch_ms=2, decode_ms=3, inference_ms=4),
    )


class Deployment:
    """Queues and store of one deployment, its replicas, its worker."""

    def __init__(self, models: Path) -> None:
        self.queues = MemoryQueues()
        self.store = MemoryStore()
        self.names = QueueNames("classifycloud")
        self.jobs: list[Job] = []
        self._models = models
        self._stack = contextlib.AsyncExitStack()

    async def replica(self, start: bool = True, **settings: object) -> "Running":
        """One more replica, ready unless it is not to be started."""
        given = {"poll_wait": 1, "wait": 5.0, "drain_grace": 0.5} | OPEN | settings
        catalog = Catalog(self._models, str(given.get("model", DEFAULT)))
        replica = Replica(ApiSettings(**given), self.queues, self.store, Models(catalog))
        running = Running(replica)
        if start:
            await running.start()
        self._stack.push_async_callback(running.close)
        return running

    async def worker(self, verdict: Verdict = classified) -> asyncio.Task[None]:
        """A worker that answers each job as `verdict` says, and keeps silent where it says None."""
        task = asyncio.create_task(self._work(verdict))
        self._stack.callback(task.cancel)
        return task

    async def answer(self, *answers: Answer) -> None:
        """Send answers where the job of the same id wants them, or to the latest job's queue."""
        for answer in answers:
            of_it = (job for job in reversed(self.jobs) if job.uuid == answer.uuid)
            await self._reply(next(of_it, self.jobs[-1]), answer)

    async def reports(self) -> list[Report]:
        queue = await self.queues.open(self.names.reports)
        return [Report.decode(r.body) for _ in range(3) for r in await queue.receive(10, 0)]

    async def responses(self) -> list[str]:
        return await self.queues.names(self.names.responses_prefix)

    async def close(self) -> None:
        await self._stack.aclose()

    async def _work(self, verdict: Verdict) -> None:
        requests = (await open_shared(self.queues, self.names)).requests
        while True:
            for delivery in await requests.receive(10, 20):
                job = Job.decode(delivery.body)
                self.jobs.append(job)
                answer = verdict(job)
                if answer is not None:
                    with contextlib.suppress(QueueMissing):
                        await self._reply(job, answer)
                await requests.delete(delivery.receipt)

    async def _reply(self, job: Job, answer: Answer) -> None:
        await (await self.queues.open(job.reply_to)).send(answer.encode())


class Running:
    """One replica and a client that asks it."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.app = create_app(replica)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://api.test"
        )
        self._started = False

    async def start(self) -> None:
        self._started = True
        self.replica.start()
        await self.replica.connection.lines(5)

    async def classify(self, **query: object) -> httpx.Response:
        return await self.http.get(
            "/classify", params={"url": "https://example.com/cat.jpg"} | query
        )

    async def pending(self, count: int) -> None:
        """Until so many wait, their jobs sent."""
        async with asyncio.timeout(5):
            while sum(w.job is not None for w in self.replica.pending.all()) != count:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def stop(self) -> None:
        if self._started:
            self._started = False
            await self.replica.stop()

    async def close(self) -> None:
        await self.stop()
        await self.http.aclose()


@pytest.fixture
async def deployment(tmp_path) -> AsyncIterator[Deployment]:
    made = Deployment(tmp_path)
    yield made
    await made.close()


@pytest.fixture
def until() -> Callable[..., object]:
    async def wait(check: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not check():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    return wait
