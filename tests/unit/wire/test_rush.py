"""Deletes go at once while few come, and in tens while many do; in virtual time, through a whole queue."""

import asyncio

import pytest

from tests.unit.delivery.clockwork import VirtualLoop
from wire.rush import MANY, PATIENCE, WITHIN, Rush
from wire.sqs import SqsQueue

CALL = 0.005  # seconds that a call takes here


@pytest.fixture
def loop():
    made = VirtualLoop()
    yield made
    made.end()


class Service:
    """Takes every batch; when each came, and how many it carried."""

    def __init__(self):
        self.calls = []

    async def call(self, operation, QueueUrl, Entries):  # noqa: N803
        assert operation == "DeleteMessageBatch"
        self.calls.append((asyncio.get_running_loop().time(), len(Entries)))
        await asyncio.sleep(CALL)
        return {}


def run(loop, pause, pictures, at_once=1):
    """Delete so many, `at_once` every `pause` seconds; the calls and how long each delete took."""
    service, took = Service(), []

    async def delete(queue, number):
        began = loop.time()
        await queue.delete(str(number))
        took.append(loop.time() - began)

    async def scene():
        queue = SqsQueue(None, None, service, "q", "url")
        deleting = []
        for number in range(pictures):
            deleting.append(asyncio.create_task(delete(queue, number)))
            if (number + 1) % at_once == 0:
                await asyncio.sleep(pause)
        await asyncio.wait(deleting)
        await queue.drain()

    loop.run(scene())
    assert sum(size for _, size in service.calls) == pictures
    return service.calls, took


def test_at_low_load_a_delete_goes_at_once(loop):
    calls, took = run(loop, pause=0.06, pictures=50)  # one client, one picture after the other
    assert [size for _, size in calls] == [1] * 50
    assert took == pytest.approx([CALL] * 50)


@pytest.mark.parametrize("at_once", [1, 4, 8])
def test_under_load_they_go_in_tens(loop, at_once):
    calls, took = run(loop, pause=at_once / 70, pictures=720, at_once=at_once)
    assert len(calls) <= 0.12 * 720
    assert max(took) <= PATIENCE + 2 * CALL


def test_the_last_ones_of_a_rush_wait_for_a_moment_and_the_next_lone_one_does_not(loop):
    _, took = run(loop, pause=0.01, pictures=105)
    assert took[-1] <= PATIENCE + 2 * CALL
    rush = Rush()
    for number in range(100):
        rush.patience(number / 100)
    assert rush.patience(1.0) == PATIENCE
    assert rush.patience(1.0 + WITHIN + MANY / 100) == 0.0


def test_a_drain_waits_for_nobody(loop):
    service = Service()

    async def scene():
        queue = SqsQueue(None, None, service, "q", "url")
        deleting = [
            asyncio.create_task(queue.delete(str(number))) for number in range(2 * MANY + 5)
        ]
        await asyncio.sleep(0.02)
        waited = [each for each in deleting if not each.done()]
        began = loop.time()
        await queue.drain()
        assert len(waited) == 5
        assert loop.time() - began <= 2 * CALL

    loop.run(scene())
