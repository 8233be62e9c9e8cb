"""Two replicas that share queues and store in memory, and a worker that takes jobs when it is told to."""

import asyncio
import contextlib

import pytest

from tests.unit.api.conftest import classified
from wire.memory import MemoryStore
from wire.messages import Answer, Job
from wire.names import result_key
from wire.queues import QueueMissing
from wire.topology import open_durable, open_shared


class Pair:
    """Two replicas and a worker that takes jobs when it is told to."""

    def __init__(self, deployment, one, other) -> None:
        self._deployment = deployment
        self.one, self.other = one.http, other.http
        self.store: MemoryStore = deployment.store

    async def queued(self) -> list[Job]:
        requests = (await open_shared(self._deployment.queues, self._deployment.names)).requests
        taken = await requests.receive(10, 0)
        for each in taken:
            await requests.extend(each.receipt, 0)
        return [Job.decode(each.body) for each in taken]

    async def work(self) -> list[Answer]:
        """Take what is in the queue; store, answer, delete, as a worker does."""
        queues, names = self._deployment.queues, self._deployment.names
        requests = (await open_shared(queues, names)).requests
        told = []
        for each in await requests.receive(10, 0):
            job = Job.decode(each.body)
            stands = await self.store.get(result_key(job.uuid))
            answer = classified(job).model_copy(update={"order": job.order, "hook": job.hook})
            answer = Answer.decode(stands) if stands else answer
            await self.store.put_new(result_key(job.uuid), answer.encode().encode())
            with contextlib.suppress(QueueMissing):
                await (await queues.open(job.reply_to)).send(answer.encode())
            await requests.delete(each.receipt)
            told.append(answer)
        return told

    async def quiet(self) -> None:
        """Until nothing is left of outcomes."""
        outcomes = (await open_durable(self._deployment.queues, self._deployment.names)).outcomes
        async with asyncio.timeout(5):
            while sum((d := await outcomes.depth(), d.visible + d.in_flight)[1:]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def pair(deployment):
    return Pair(deployment, await deployment.replica(), await deployment.replica())
