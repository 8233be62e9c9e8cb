"""A replica's long polls, where each takes a thread: none waits for another's to end."""

import asyncio
import contextlib
import threading

import pytest

from api.serving import reach
from wire.memory import MemoryQueue
from wire.settings import ApiSettings


@contextlib.asynccontextmanager
async def a_thread(aws):
    """One of those that are there for long polls, held meanwhile, as boto3's are."""
    loop, begun, over = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hold():
        loop.call_soon_threadsafe(begun.set)
        over.wait(30)

    holding = asyncio.create_task(aws.poll(hold))
    try:
        await begun.wait()
        yield
    finally:
        over.set()
        holding.cancel()


@pytest.fixture
async def threads(monkeypatch, deployment):
    """Every long poll but a worker's takes a thread."""
    aws, files = reach(ApiSettings())
    receive = MemoryQueue.receive

    async def threaded(self, limit=10, wait=20.0):
        if wait < 1 or self.name == deployment.names.requests:
            return await receive(self, limit, wait)
        async with a_thread(aws):
            return await receive(self, limit, wait)

    monkeypatch.setattr(MemoryQueue, "receive", threaded)
    yield
    for each in (aws, files):
        await each.close()


async def test_answers_come_while_outcomes_and_chores_are_waited_for(threads, deployment):
    await deployment.worker()
    api = await deployment.replica(poll_wait=20, wait=2.0)
    found = [(await api.classify()).status_code for _ in range(4)]
    await api.stop()
    assert found == [200] * 4
