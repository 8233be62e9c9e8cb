"""One letter of many: found, sent again or removed without receiving all the others."""

import asyncio

import pytest

from api.operate.letters import FAR, Letters
from wire import hold
from wire.dead_letters import LOOK
from wire.memory import MemoryQueues, MemoryStore
from wire.messages import Job
from wire.names import QueueNames
from wire.topology import open_shared

NAMES = QueueNames("test")
MANY = 3 * FAR


class Counted:
    """A queue that counts what it hands out, and how many extensions run at once."""

    def __init__(self, queue) -> None:
        self._queue = queue
        self.received = self.running = self.most = 0

    def __getattr__(self, name):
        return getattr(self._queue, name)

    async def receive(self, limit=10, wait=20.0):
        taken = await self._queue.receive(limit, wait)
        self.received += len(taken)
        return taken

    async def extend(self, receipt, seconds):
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        await self._queue.extend(receipt, seconds)
        self.running -= 1


@pytest.fixture
async def dead(monkeypatch):
    """A long dead-letter queue, and the letters of the page that lie there."""
    monkeypatch.setattr(hold, "WAIT", 0)  # in memory, what does not come at once never comes
    queues = MemoryQueues()
    shared = await open_shared(queues, NAMES)
    for at in range(MANY):
        job = Job(uuid=f"job{at}", image_url="https://h/", reply_to=NAMES.responses("r"))
        await shared.dead_letter.send(job.encode())
    counted = Counted(shared.dead_letter)
    opened = queues.open

    async def opening(name, visibility=None):
        return counted if name == NAMES.dead_letter else await opened(name, visibility)

    monkeypatch.setattr(queues, "open", opening)
    return counted, Letters(queues, "test", MemoryStore())


async def waiting(queue: Counted) -> tuple[int, int]:
    depth = await queue.depth()
    return depth.visible, depth.in_flight


async def test_one_of_the_first_is_found_with_one_look(dead) -> None:
    queue, letters = dead
    assert await letters.remove("job7") == {"removed": 1}
    assert (await letters.redrive("job8"))["sent"] == ["job8"]
    assert queue.received <= 2 * LOOK
    assert await waiting(queue) == (MANY - 2, 0)


async def test_one_that_is_gone_is_not_looked_for_to_the_end(dead) -> None:
    queue, letters = dead
    assert await letters.remove("gone") == {"removed": 0}
    assert queue.received == FAR
    assert await waiting(queue) == (MANY, 0)
    assert queue.most <= hold.TOGETHER
