"""A look that takes long holds no tick up; nothing old is taken for news."""

import asyncio

import pytest

from balancer.fleets.ec2.faults import Ec2Fault, Fault
from balancer.fleets.ec2.gaze import OLD, STALE, Gaze


class Sky:
    """What is looked at; each look waits until it is let through, and tells which one it was."""

    def __init__(self):
        self.open = asyncio.Event()
        self.open.set()
        self.looks = 0
        self.now = 0.0
        self.takes = 0.0
        self.fault = None

    async def describe(self):
        self.looks += 1
        number = self.looks
        await self.open.wait()
        self.now += self.takes
        if self.fault:
            raise self.fault
        return [number]

    def clock(self):
        return self.now


@pytest.fixture
def sky():
    return Sky()


@pytest.fixture
def gaze(sky):
    return Gaze(sky.describe, sky.clock, moment=0.01)


async def test_a_quick_look_is_news_at_every_tick(sky, gaze):
    for number in range(1, 4):
        assert await gaze.news() == [number]
        sky.now += 5


async def test_the_first_look_is_waited_for(sky, gaze):
    sky.open.clear()
    asking = asyncio.create_task(gaze.news())
    await asyncio.sleep(0.05)
    assert not asking.done()
    sky.open.set()
    assert await asking == [1]


async def test_a_slow_look_holds_no_tick_up_and_is_news_once(sky, gaze):
    await gaze.news()
    sky.open.clear()
    for _ in range(3):
        sky.now += 5
        assert await gaze.news() is None
    assert sky.looks == 2, "a second look was begun beside the first"
    sky.open.set()
    await asyncio.sleep(0)
    assert await gaze.news() == [2]
    assert await gaze.news() is None
    sky.now += 15
    assert await gaze.news() == [3]


async def test_a_long_look_is_rested_from(sky, gaze):
    sky.takes = 12.0
    assert await gaze.news() == [1]
    for _ in range(2):
        sky.now += 5
        assert await gaze.news() is None
    sky.now += 5
    assert await gaze.news() == [2]


async def test_a_failed_look_is_told_and_the_next_one_is_taken(sky, gaze):
    sky.fault = Ec2Fault(Fault.UNKNOWN, "no")
    for _ in range(2):
        with pytest.raises(Ec2Fault):
            await gaze.news()
    sky.fault = None
    assert await gaze.news() == [3]


async def test_whoever_has_seen_nothing_yet_waits_again(sky, gaze):
    sky.fault = Ec2Fault(Fault.UNKNOWN, "no")
    with pytest.raises(Ec2Fault):
        await gaze.news()
    sky.fault = None
    sky.open.clear()
    asking = asyncio.create_task(gaze.news())
    await asyncio.sleep(0.05)
    assert not asking.done(), "no instance was seen, and none taken for all there are"
    sky.open.set()
    assert await asking == [2]


async def test_what_was_seen_before_an_absence_is_no_news(sky, gaze):
    await gaze.news()
    sky.open.clear()
    assert await gaze.news() is None
    sky.open.set()
    await asyncio.sleep(0)
    sky.now += OLD + 1
    assert await gaze.news() == [3]


async def test_closing_ends_a_look(sky, gaze):
    await gaze.news()
    sky.open.clear()
    assert await gaze.news() is None
    await gaze.close()
    assert len(asyncio.all_tasks()) == 1


async def test_once_a_look_failed_nobody_goes_by_an_older_one(sky, gaze):
    await gaze.news()
    sky.open.clear()
    assert await gaze.news() is None
    sky.fault = Ec2Fault(Fault.UNKNOWN, "no")
    sky.open.set()
    await asyncio.sleep(0)
    with pytest.raises(Ec2Fault):
        await gaze.news()
    sky.open.clear()
    for _ in range(3):
        sky.now += 5
        with pytest.raises(Ec2Fault, match="no"):
            await gaze.news()
    sky.fault = None
    sky.open.set()
    await asyncio.sleep(0)
    assert await gaze.news() == [3]
    sky.open.clear()
    assert await gaze.news() is None, "the next look may take its time again"


async def test_a_look_that_never_ends_is_waited_for_only_so_long(sky, gaze):
    await gaze.news()
    sky.open.clear()
    for _ in range(int(STALE // 5)):
        sky.now += 5
        assert await gaze.news() is None
    for _ in range(3):
        sky.now += 5
        with pytest.raises(Ec2Fault, match="Stale"):
            await gaze.news()
