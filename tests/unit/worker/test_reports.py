"""What a worker says of itself, and when."""

import asyncio
import contextlib
import time

import pytest

from tests.unit.worker.workshop import NAMES
from wire.memory import MemoryQueues
from wire.messages import Report, Terminate
from wire.topology import open_shared
from worker import reporter as reporting
from worker.lifecycle import Lifecycle, unless_told
from worker.lookout import Lookout
from worker.reporter import Reporter
from worker.shift import Shift
from worker.tally import Tally

ORDER = Terminate(reason="queue empty", tick=7).encode()


class Held:
    """Stands in for a parcel: only what the shift asks of one."""

    def __init__(self):
        self.suspect, self.waiting = False, False


async def post(wait=2.0):
    shared = await open_shared(MemoryQueues(), NAMES)
    shift = Shift(prefetch=40)
    return shared, shift, Lookout(shared.terminate, shift, wait, 60.0, 5)


@contextlib.asynccontextmanager
async def running(coroutine):
    task = asyncio.create_task(coroutine)
    await asyncio.sleep(0.02)
    try:
        yield task
    finally:
        task.cancel()


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
    shared, shift, lookout = await post(wait=0.1)
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
    assert [each.reason for each in reports] == [
        None,
        None,
        *["terminate of tick 7: queue empty"] * 2,
    ]
    assert not any(each.standby for each in reports)


async def _wait(event):
    await event.wait()


async def test_a_part_that_dies_ends_the_worker():
    shared, shift, lookout = await post(wait=0.1)

    async def dies():
        raise RuntimeError("the engine is gone")

    reporter = Reporter(shared.reports, "w1", shift, Tally(), heartbeat=60)
    with pytest.raises(ExceptionGroup):
        await Lifecycle(shift, EmptyLoop(shift), lookout, reporter, [dies()]).run(0.1)


async def test_changes_are_reported_and_heartbeats_come():
    shared, shift, _ = await post()
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
    shared, shift, _ = await post()
    reporter = Reporter(shared.reports, "w1", shift, Tally(), heartbeat=60, calm=0.1)
    start = time.monotonic()
    async with running(reporter.run()):
        for _ in range(50):
            with shift.hold(Held()):
                await asyncio.sleep(0.002)
            await asyncio.sleep(0.002)
    assert len(await states(shared)) <= (time.monotonic() - start) / 0.1 + 1


async def test_a_worker_on_standby_is_ready_and_neither_idle_nor_busy():
    shared, shift, lookout = await post(wait=0.1)
    shift.standby = True
    reporter = Reporter(shared.reports, "w1", shift, Tally(), heartbeat=0.1, calm=0.01)
    life = Lifecycle(shift, EmptyLoop(shift), lookout, reporter, [])
    async with running(life.run(0.5)) as task:
        await asyncio.sleep(0.25)
        shift.activate()
        await asyncio.sleep(0.05)
        shift.drain("SIGTERM")
        await asyncio.wait_for(task, 2)
    told = [(each.state, each.standby) for each in await states(shared)]
    first = told.index(("idle", False))
    assert set(told[:first]) == {("ready", True)}
    assert first >= 3, "no heartbeat came on standby"
    assert told[-2:] == [("draining", False), ("stopped", False)]


async def test_a_worker_told_to_go_on_standby_says_that_it_never_worked():
    shared, shift, lookout = await post(wait=0.1)
    shift.standby = True
    reporter = Reporter(shared.reports, "w1", shift, Tally(), heartbeat=60)
    life = Lifecycle(shift, EmptyLoop(shift), lookout, reporter, [])
    async with running(life.run(0.5)) as task:
        shift.drain("SIGTERM")
        await asyncio.wait_for(task, 2)
    told = [(each.state, each.standby) for each in await states(shared)]
    assert told == [("ready", True), ("draining", True), ("stopped", True)]


def fast(tally, per_second):
    """The tally of a worker that was saturated for two seconds."""
    now = [0.0]
    tally.pace._clock = lambda: now[0]
    tally.pace.asking()
    tally.pace.received([9.0] * 10, enough=True)
    for _ in range(2 * per_second):
        now[0] += 1 / per_second
        tally.pace.answered()
    tally.pace.rest()


async def test_throughput_is_unknown_until_it_was_measured_and_then_told_soon(monkeypatch):
    monkeypatch.setattr(reporting, "SETTLED", 0.1)
    shared, shift, _ = await post()
    tally, figures = Tally(), []
    reporter = Reporter(shared.reports, "w1", shift, tally, heartbeat=60, calm=0.01)

    def something_happens():  # which makes it think again
        with shift.hold(Held()):
            pass

    async def until_told(count):
        async with asyncio.timeout(10):
            while len(figures) < count:
                something_happens()
                figures.extend(each.throughput for each in await states(shared))

    with shift.hold(Held()):
        async with running(reporter.run()):
            await until_told(1)  # of its state, "busy", without a figure
            fast(tally, 50)
            await until_told(2)
            for _ in range(20):  # nothing new
                something_happens()
                await asyncio.sleep(0.02)
            figures.extend(each.throughput for each in await states(shared))
    assert figures == [None, pytest.approx(50, rel=0.01)]


async def test_who_is_told_to_go_gives_up_what_only_a_worker_that_stays_needs():
    shift, ended = Shift(prefetch=40), []

    async def hanging():
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(True)

    async with asyncio.timeout(5), running(unless_told(shift, hanging())) as booting:
        assert not booting.done()
        shift.drain("SIGTERM")
        await booting
        await asyncio.sleep(0)
    assert ended


async def test_what_fails_before_anybody_is_told_to_go_fails_the_boot():
    async def failing():
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        await unless_told(Shift(prefetch=40), failing())
