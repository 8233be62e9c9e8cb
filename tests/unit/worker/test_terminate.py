"""The terminate protocol: idle workers go at once, busy ones look now and then."""

import asyncio
import contextlib

import pytest

from tests.unit.worker.workshop import NAMES
from wire.errors import QueueUnavailable
from wire.memory import MemoryQueues
from wire.messages import Terminate
from wire.topology import open_shared
from worker import lookout as lookouts
from worker.lookout import Lookout
from worker.shift import Shift

ORDER = Terminate(reason="queue empty", tick=7).encode()


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Held:
    """Stands in for a parcel: only what the shift asks of one."""

    def __init__(self):
        self.suspect, self.waiting = False, False


async def post(wait=2.0, every=60.0, after=5):
    clock = Clock()
    shared = await open_shared(MemoryQueues(clock), NAMES)
    shift = Shift(prefetch=40)
    return clock, shared, shift, Lookout(shared.terminate, shift, wait, every, after)


@contextlib.asynccontextmanager
async def running(coroutine):
    task = asyncio.create_task(coroutine)
    await asyncio.sleep(0.02)
    try:
        yield task
    finally:
        task.cancel()


async def left(queue):
    depth = await queue.depth()
    return depth.visible + depth.in_flight


async def test_an_idle_worker_takes_a_message_at_once():
    _, shared, shift, lookout = await post()
    async with running(lookout.run()) as task:
        await shared.terminate.send(ORDER)
        await asyncio.wait_for(task, 0.5)
    assert shift.draining == "terminate of tick 7: queue empty"
    assert await left(shared.terminate) == 0


async def test_an_expired_message_is_deleted_and_counted():
    clock, shared, shift, lookout = await post(wait=0.05)
    await shared.terminate.send(ORDER)
    clock.now += 5.1
    async with running(lookout.run()):
        await asyncio.sleep(0.1)
    assert shift.draining is None
    assert lookout.expired == 1
    assert await left(shared.terminate) == 0


async def test_five_seconds_are_still_valid():
    clock, shared, shift, lookout = await post(wait=0.05)
    await shared.terminate.send(ORDER)
    clock.now += 4.9
    async with running(lookout.run()) as task:
        await asyncio.wait_for(task, 0.5)
    assert shift.draining


async def test_a_worker_that_turned_busy_gives_the_message_back():
    _, shared, shift, lookout = await post()
    async with running(lookout.run()):
        with shift.hold(Held()):
            await shared.terminate.send(ORDER)
            await asyncio.sleep(0.02)
            (again,) = await shared.terminate.receive(1, 0.5)
            assert (again.body, again.receive_count) == (ORDER, 2)
            assert shift.draining is None


async def looks_of(shared, monkeypatch):
    """The looks at the queue as they are made."""
    looks, receive = [], shared.terminate.receive

    async def counted(most, wait):
        looks.append(wait)
        return await receive(most, wait)

    monkeypatch.setattr(shared.terminate, "receive", counted)
    return looks


async def test_a_busy_worker_looks_after_so_many_requests(monkeypatch):
    monkeypatch.setattr(lookouts, "REST", 0.05)
    _, shared, shift, lookout = await post(after=3)
    looks = await looks_of(shared, monkeypatch)
    with contextlib.ExitStack() as hand:
        hand.enter_context(shift.hold(Held()))
        async with running(lookout.run()) as task:
            await shared.terminate.send(ORDER)
            hand.enter_context(shift.hold(Held()))
            hand.enter_context(shift.hold(Held()))
            await asyncio.sleep(0.3)
            assert (shift.draining, looks) == (None, [])
            hand.enter_context(shift.hold(Held()))
            await asyncio.wait_for(task, 0.5)
    assert shift.draining


async def test_however_many_come_it_looks_once_in_a_while(monkeypatch):
    _, shared, shift, lookout = await post(after=1)
    looks = await looks_of(shared, monkeypatch)
    with shift.hold(Held()):
        async with running(lookout.run()):
            for _ in range(round(2.5 * lookouts.REST / 0.01)):
                with shift.hold(Held()):
                    await asyncio.sleep(0.01)
    assert 1 <= len(looks) <= 3


@pytest.mark.parametrize("rest", [0.02, 1.0])
async def test_a_busy_worker_looks_every_so_often(monkeypatch, rest):
    monkeypatch.setattr(lookouts, "REST", rest)
    _, shared, shift, lookout = await post(every=0.1)
    with shift.hold(Held()):
        async with running(lookout.run()) as task:
            await shared.terminate.send(ORDER)
            await asyncio.sleep(0.03)
            assert shift.draining is None
            await asyncio.wait_for(task, 1)
    assert shift.draining


async def test_a_draining_worker_returns_what_its_open_poll_brings():
    _, shared, shift, lookout = await post()
    async with running(lookout.run()) as task:
        shift.drain("SIGTERM")
        await asyncio.sleep(0.02)
        assert not task.done(), "the open poll was abandoned"
        await shared.terminate.send(ORDER)
        await asyncio.sleep(0.02)
        (again,) = await shared.terminate.receive(1, 0.5)
        assert (again.body, again.receive_count) == (ORDER, 2)
        await asyncio.wait_for(task, 0.5)
    assert shift.draining == "SIGTERM"


async def test_one_message_ends_one_of_several_idle_workers():
    _, shared, _, _ = await post()
    shifts = [Shift(prefetch=40) for _ in range(3)]
    tasks = [
        asyncio.create_task(Lookout(shared.terminate, shift, 0.3, 60, 5).run()) for shift in shifts
    ]
    await asyncio.sleep(0.02)
    await shared.terminate.send(ORDER)
    await asyncio.sleep(0.1)
    assert sum(shift.draining is not None for shift in shifts) == 1
    for shift in shifts:
        shift.drain("end of test")
    await asyncio.wait(tasks)


async def test_every_message_ends_one_worker_and_twins_are_two():
    _, shared, _, _ = await post()
    shifts = [Shift(prefetch=40) for _ in range(5)]
    lookouts = [Lookout(shared.terminate, shift, 0.3, 60, 5) for shift in shifts]
    tasks = [asyncio.create_task(each.run()) for each in lookouts]
    await asyncio.sleep(0.02)
    await shared.terminate.send_many([ORDER, ORDER])
    await asyncio.sleep(0.1)
    assert sum(shift.draining is not None for shift in shifts) == 2
    assert await left(shared.terminate) == 0
    for shift in shifts:
        shift.drain("end of test")
    await asyncio.wait(tasks)


async def test_nothing_is_taken_in_the_minute_that_is_paid_for():
    _, shared, shift, _ = await post()
    asked = []
    receive = shared.terminate.receive

    async def noted(limit, wait):
        asked.append(wait)
        return await receive(limit, wait)

    shared.terminate.receive = noted
    lookout = Lookout(shared.terminate, shift, 0.1, 60, 5, paid_for=lambda: 0.3)
    await shared.terminate.send(ORDER)
    async with running(lookout.run()) as task:
        await asyncio.sleep(0.15)
        assert not asked
        assert shift.draining is None
        await asyncio.wait_for(task, 1)
    assert shift.draining


async def test_a_signal_is_obeyed_in_the_minute_that_is_paid_for():
    _, shared, shift, _ = await post()
    lookout = Lookout(shared.terminate, shift, 0.1, 60, 5, paid_for=lambda: 60.0)
    async with running(lookout.run()) as task:
        shift.drain("SIGTERM")
        await asyncio.wait_for(task, 0.5)


async def test_on_standby_no_message_is_taken_and_paid_time_runs_on():
    _, shared, shift, _ = await post()
    shift.standby = True
    lookout = Lookout(shared.terminate, shift, 0.1, 60, 5, paid_for=lambda: -5.0)
    await shared.terminate.send(ORDER)
    async with running(lookout.run()) as task:
        await asyncio.sleep(0.1)
        assert (await shared.terminate.depth()).visible == 1
        shift.activate()
        await asyncio.wait_for(task, 0.5)
    assert shift.draining


async def test_a_message_that_is_none_is_removed():
    _, shared, shift, lookout = await post(wait=0.05)
    await shared.terminate.send("{}")
    async with running(lookout.run()):
        await asyncio.sleep(0.05)
    assert shift.draining is None
    assert await left(shared.terminate) == 0


async def test_an_outage_of_the_terminate_queue_passes():
    _, shared, shift, lookout = await post()
    failures = [QueueUnavailable(), RuntimeError("denied")]
    receive = shared.terminate.receive

    async def failing(limit, wait):
        if failures:
            raise failures.pop()
        return await receive(limit, wait)

    shared.terminate.receive = failing
    await shared.terminate.send(ORDER)
    async with running(lookout.run()) as task:
        await asyncio.wait_for(task, 2)
    assert shift.draining
