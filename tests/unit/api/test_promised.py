"""Which jobs still go when the queue is slow: those under whose id somebody was told to look."""

import asyncio
import types

import pytest

from api import submit
from api.drain import Drain
from api.late import Late
from api.pending import Pending
from api.submit import Options, Submitter
from wire.errors import QueueUnavailable, ShuttingDown
from wire.gather import MOST, Entry, Gatherer, Outcome
from wire.memory import MemoryStore
from wire.messages import Job
from wire.settings import ApiSettings

URL = "https://pictures.example/cat.jpg"


class SlowQueue:
    """SQS's own batching over a service that hangs until it is let go."""

    name = "requests"

    def __init__(self):
        self.opened = asyncio.Event()
        self.sent = []
        self.gatherer = Gatherer(self._flush)

    async def _flush(self, entries):
        await self.opened.wait()
        self.sent += [entry.value for entry in entries]
        return [Outcome()] * len(entries)

    async def send(self, body, group=None, patience=0.0):
        await self.gatherer.add(Entry(body))

    async def jam(self):
        calls = []
        for _ in range(MOST):
            calls.append(asyncio.create_task(self.gatherer.add(Entry("jam"))))
            await asyncio.sleep(0.03)
        return calls

    async def jobs(self):
        self.opened.set()
        await self.gatherer.drain()
        return [Job.decode(body).uuid for body in self.sent if body != "jam"]


class Client:
    group = "somebody"
    told = None

    def carries(self, uuid):
        self.told = uuid

    async def gone(self):
        await asyncio.Event().wait()


class Scene:
    def __init__(self):
        self.queue, store = SlowQueue(), MemoryStore()
        responses = types.SimpleNamespace(name="responses")
        lines = types.SimpleNamespace(
            responses=responses, shared=types.SimpleNamespace(requests=self.queue)
        )

        async def opened(patience):
            return lines

        connection = types.SimpleNamespace(lines=opened, current=None)
        self.pending, self.late = Pending(100), Late(store, 300)
        models = types.SimpleNamespace(check=lambda *_: None)
        self.submitter = Submitter(
            ApiSettings(bucket="pictures"), connection, self.pending, self.late, store, models
        )
        self.drain = Drain(connection, self.pending, self.late, None, None, None, 0)


async def test_a_job_goes_whose_id_was_told_at_a_shutdown():
    scene, client = Scene(), Client()
    calls = await scene.queue.jam()
    asking = asyncio.create_task(scene.submitter.by_url(URL, Options(), client))
    await asyncio.sleep(0.02)
    await scene.drain._dismiss()
    with pytest.raises(ShuttingDown):
        await asking
    assert client.told is not None
    assert await scene.queue.jobs() == [client.told]
    assert scene.submitter.submitted == 1
    await asyncio.gather(*calls)


async def test_a_job_that_was_refused_without_an_id_does_not_go(monkeypatch):
    monkeypatch.setattr(submit, "SENDING", 0.05)
    scene, client = Scene(), Client()
    calls = await scene.queue.jam()
    with pytest.raises(QueueUnavailable):
        await scene.submitter.by_url(URL, Options(), client)
    assert client.told is None
    assert await scene.queue.jobs() == []
    assert scene.submitter.submitted == 0
    await asyncio.gather(*calls)


async def test_a_job_whose_only_client_left_before_it_was_sent_does_not_go():
    scene = Scene()
    calls = await scene.queue.jam()
    asking = asyncio.create_task(scene.submitter.by_url(URL, Options(), Client()))
    await asyncio.sleep(0.02)
    asking.cancel()
    await asyncio.wait([asking])
    assert await scene.queue.jobs() == []
    await asyncio.gather(*calls)
