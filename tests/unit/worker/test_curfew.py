"""A worker that is told to go and cannot finish lets go: nothing is lost, nothing is answered twice."""

import asyncio
import contextlib

import pytest

from tests.unit.worker.workshop import NAMES, REPLIES, Workshop
from wire.names import suspect_key
from worker import journey
from worker.curfew import Curfew, CutShort
from worker.lifecycle import Lifecycle
from worker.lookout import Lookout
from worker.reporter import Reporter

REQUESTS = NAMES.requests


@pytest.fixture
def workshop():
    """Opens workshops; their threads end with the test."""
    shops: list[Workshop] = []

    async def opened(**given):
        shops.append(await Workshop(**given).open())
        return shops[-1]

    yield opened
    for shop in shops:
        shop.close()


async def test_what_runs_is_cut_short_and_what_comes_later_too():
    curfew = Curfew()
    asyncio.get_running_loop().call_later(0.02, curfew.fall)
    with pytest.raises(CutShort):
        async with curfew.over():
            await asyncio.sleep(5)
    with pytest.raises(CutShort):
        async with curfew.over():
            await asyncio.sleep(5)


async def test_what_has_more_time_gets_it():
    curfew, done = Curfew(), False
    curfew.fall()
    async with curfew.over(0.5):
        await asyncio.sleep(0.02)
        done = True
    assert done


async def test_without_a_curfew_nothing_is_cut_short_and_time_outs_stay_themselves():
    curfew = Curfew()
    with pytest.raises(TimeoutError):
        async with curfew.over(), asyncio.timeout(0.01):
            await asyncio.sleep(5)
    async with curfew.over():
        pass
    curfew.fall()  # what is over is left alone


@contextlib.asynccontextmanager
async def living(shop, grace, last=1.0):
    """The shop's worker lives as in a process, and is told to go at the end."""
    lookout = Lookout(shop.shared.terminate, shop.shift, 0.05, 60, 5)
    reporter = Reporter(shop.shared.reports, "w1", shop.shift, shop.tally, heartbeat=60)
    background = [shop.batcher.run(), shop.keeper.run()]
    life = Lifecycle(shop.shift, shop.loop, lookout, reporter, background, grace, last)
    task = asyncio.create_task(life.run(0.1))
    try:
        yield task
        await asyncio.wait_for(task, 10)
    finally:
        task.cancel()
        shop.model.hold.set()


async def test_what_is_not_finished_in_time_is_given_back_at_once(workshop):
    shop = await workshop(delay=30, prefetch=10)
    for at in range(10):
        await shop.ask(f"a{at}")
    async with living(shop, grace=0.1):
        await shop.shift.until(lambda: shop.shift.busy == 10, 5)
        shop.shift.drain("SIGTERM")
    depth = await shop.shared.requests.depth()
    assert (depth.visible, depth.in_flight) == (10, 0)
    assert await shop.replies.receive(10, 0) == []
    assert await shop.lines() == []
    # The next worker answers each of them once.
    shop.delay = 0.0
    shop.hire()
    async with shop.working():
        found = await shop.answers(10)
        await shop.until_empty()
    assert sorted(answer.uuid for answer in found) == sorted(f"a{at}" for at in range(10))
    assert await shop.replies.receive(10, 0) == []


async def test_what_the_engine_holds_is_given_back_too(workshop):
    shop = await workshop()
    shop.model.hold.clear()
    await shop.ask("a")
    async with living(shop, grace=0.1):
        await shop.shift.until(lambda: bool(shop.model.batches), 5)
        async with asyncio.timeout(5):
            while not shop.model.batches:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        shop.shift.drain("SIGTERM")
    assert (await shop.shared.requests.depth()).visible == 1
    assert await shop.replies.receive(10, 0) == []


async def test_within_the_grace_everything_is_finished(workshop):
    shop = await workshop(delay=0.3, prefetch=10)
    for at in range(10):
        await shop.ask(f"a{at}")
    async with living(shop, grace=5):
        await shop.shift.until(lambda: shop.shift.busy == 10, 5)
        shop.shift.drain("SIGTERM")
    assert len(await shop.answers(10)) == 10
    assert len(await shop.lines()) == 10
    depth = await shop.shared.requests.depth()
    assert (depth.visible, depth.in_flight) == (0, 0)


@contextlib.contextmanager
def stuck(target, name):
    """The method of an object hangs; gives the event of its first call, and one to let it go."""
    real, called, free = getattr(target, name), asyncio.Event(), asyncio.Event()

    async def hangs(*args, **kwargs):
        called.set()
        await free.wait()
        return await real(*args, **kwargs)

    setattr(target, name, hangs)
    try:
        yield called, free
    finally:
        setattr(target, name, real)


async def test_a_reply_that_is_on_its_way_is_finished_after_the_curfew(workshop):
    shop = await workshop()
    await shop.ask("a")
    queue = await shop.queues.open(REPLIES)

    async def opened(name, visibility=None):
        return queue

    shop.queues.open = opened
    with stuck(queue, "send") as (called, free):
        async with living(shop, grace=0.05, last=5):
            await asyncio.wait_for(called.wait(), 5)
            shop.shift.drain("SIGTERM")
            await asyncio.sleep(0.2)
            assert (await shop.shared.requests.depth()).visible == 0, "given back amid its reply"
            free.set()
    assert len(await shop.answers(1)) == 1
    depth = await shop.shared.requests.depth()
    assert (depth.visible, depth.in_flight) == (0, 0)
    assert len(await shop.lines()) == 1


@pytest.mark.parametrize("effect", ["reply", "record", "delete"])
async def test_an_effect_that_hangs_leaves_the_message_to_show_again(workshop, effect, monkeypatch):
    monkeypatch.setattr(journey, "MOMENT", 0.2)
    shop = await workshop(visibility=1)
    await shop.ask("a")
    with stuck(shop.journey._effects, effect) as (called, _):
        async with living(shop, grace=0.05, last=5):
            await asyncio.wait_for(called.wait(), 5)
            shop.shift.drain("SIGTERM")
            await asyncio.sleep(0.1)
            assert (await shop.shared.requests.depth()).visible == 0, "given back at once"
    shop.hire()
    async with shop.working():  # after its visibility time-out
        found = await shop.answers(1 if effect == "reply" else 2)
        await shop.until_empty()
    assert {answer.uuid for answer in found} == {"a"}


async def test_a_suspect_that_is_cut_short_is_no_poison(workshop):
    shop = await workshop()
    shop.model.hold.clear()
    await shop.ask("a")
    await shop.redeliver(1)
    async with living(shop, grace=0.1):
        async with asyncio.timeout(5):
            while not shop.model.batches:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert await shop.store.get(suspect_key("a")) is not None
        shop.shift.drain("SIGTERM")
    assert await shop.store.get(suspect_key("a")) is None
    shop.hire()
    async with shop.working():
        (answer,) = await shop.answers(1)
    assert answer.result == "a"


async def test_what_an_open_receive_brings_long_after_the_curfew_is_given_back(
    workshop, monkeypatch
):
    monkeypatch.setattr(journey, "MOMENT", 0.2)
    shop = await workshop()
    shop.loop._wait = 2.0
    extend = shop.shared.requests.extend

    async def over_a_network(receipt, seconds):
        await asyncio.sleep(0.01)
        await extend(receipt, seconds)

    shop.shared.requests.extend = over_a_network
    async with living(shop, grace=0.05, last=5) as life:
        await asyncio.sleep(0.05)
        shop.shift.drain("SIGTERM")
        await asyncio.sleep(0.5)
        assert not life.done(), "the open receive was abandoned"
        await shop.ask("late")
        await asyncio.wait_for(life, 1)
    assert (await shop.shared.requests.depth()).visible == 1
    assert await shop.replies.receive(10, 0) == []


async def test_a_way_back_that_hangs_holds_nobody_up(workshop, monkeypatch):
    monkeypatch.setattr(journey, "MOMENT", 0.1)
    shop = await workshop(delay=30)
    await shop.ask("a")
    with stuck(shop.shared.requests, "extend") as (called, _):
        async with living(shop, grace=0.05, last=5) as life:
            await shop.shift.until(lambda: shop.shift.busy == 1, 5)
            shop.shift.drain("SIGTERM")
            await asyncio.wait_for(called.wait(), 5)
            await asyncio.wait_for(life, 1)
    assert await shop.replies.receive(10, 0) == []


async def test_a_receive_that_hangs_is_left_behind_at_last(workshop):
    shop = await workshop()
    with stuck(shop.shared.requests, "receive") as (called, _):
        async with living(shop, grace=0.05, last=0.2):
            await called.wait()
            shop.shift.drain("SIGTERM")
    states = [each.body for each in await shop.shared.reports.receive(10, 0)]
    assert '"stopped"' in states[-1]
    assert '"reason":"SIGTERM"' in states[-1]
