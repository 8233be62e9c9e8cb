"""The terminate protocol: idle workers go at once, busy ones look now and then."""

import asyncio
import contextlib
import time

import pytest

from tests.unit.worker.workshop import NAMES
from wire.errors import QueueUnavailable
from wire.memory import MemoryQueues
from wire.messages import Report, Terminate
from wire.topology import open_shared
from worker.lifecycle import Lifecycle
from worker.lookout import Lookout
from worker.reporter import Reporter
from worker.shift import Shift
from worker.tally import Tally

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


async def test_a_busy_worker_looks_after_so_many_requests():
    _, shared, shift, lookout = await post(after=3)
    with contextlib.ExitStack() as hand:
        hand.enter_context(shift.hold(Held()))
        async with running(lookout.run()) as task:
            await shared.terminate.send(ORDER)
            hand.enter_context(shift.hold(Held()))
            hand.enter_context(shift.hold(Held()))
            await asyncio.sleep(0.05)
            assert shift.draining is None
            hand.enter_context(shift.hold(Held()))
            await asyncio.wait_for(task, 0.5)
    assert shift.draining


async def test_a_busy_worker_looks_every_so_often():
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


class EmptyLoop:
    """A receive loop that never gets anything, and takes its time to end."""

    def __init__(self, shift):
        self._shift = shift

    async def run(self):
        await self._shift.until(lambda: self._shift.draining is not None)
        await asyncio.sleep(0.05)


async def states(shared):
    received = await shared.reports.receive(10, 0.01)
    return [Report.decode(each.body) for each in received]


async def test_a_life_is_reported_from_ready_to_stopped():
    _, shared, shift, lookout = await post(wait=0.1)
    reporter = Reporter(shared.reports, "w1", shift, Tally(), heartbeat=60)
    forever = asyncio.Event()
    life = Lifecycle(shift, EmptyLoop(shift), lookout, reporter, [_wait(forever)])
    async with running(life.run(0.5)) as task:
        await shared.terminate.send(ORDER)
        await asyncio.wait_for(task, 2)
    reports = await states(shared)
    assert [each.state for each in reports] == ["ready", "idle", "draining", "stopped"]
    assert reports[0].boot_seconds == 0.5
    assert {each.sender for each in reports} == {"w1"}


async def _wait(event):
    await event.wait()


async def test_a_part_that_dies_ends_the_worker():
    _, shared, shift, lookout = await post(wait=0.1)

    async def dies():
        raise RuntimeError("the engine is gone")

    reporter = Reporter(shared.reports, "w1", shift, Tally(), heartbeat=60)
    with pytest.raises(ExceptionGroup):
        await Lifecycle(shift, EmptyLoop(shift), lookout, reporter, [dies()]).run(0.1)


async def test_changes_are_reported_and_heartbeats_come():
    _, shared, shift, _ = await post()
    tally = Tally()
    reporter = Reporter(shared.reports, "w1", shift, tally, heartbeat=0.1, calm=0.01)
    await reporter.say("idle")
    async with running(reporter.run()):
        with shift.hold(Held()):
            tally.saw(1.0)
            tally.saw(4.0)
            tally.saw(2.0)
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
    reports = await states(shared)
    assert [each.state for each in reports[:3]] == ["idle", "busy", "idle"]
    assert len(reports) >= 4, "no heartbeat came"
    assert reports[1].busy == 1
    assert [each.oldest_wait for each in reports[:3]] == [None, 4.0, None]


async def test_a_flickering_worker_reports_seldom():
    _, shared, shift, _ = await post()
    reporter = Reporter(shared.reports, "w1", shift, Tally(), heartbeat=60, calm=0.1)
    start = time.monotonic()
    async with running(reporter.run()):
        for _ in range(50):
            with shift.hold(Held()):
                await asyncio.sleep(0.002)
            await asyncio.sleep(0.002)
    assert len(await states(shared)) <= (time.monotonic() - start) / 0.1 + 1
