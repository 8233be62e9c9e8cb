"""The whole balancer over workers and messages that fail; asserted from EC2's own ledger of instances."""

import random
import time

import pytest

from tests.unit.ec2.stage import BOOT_GRACE, LIMITS, TICK
from wire.messages import Terminate

WANTED = 4
GRACE = int(BOOT_GRACE // TICK) + 1  # ticks until a boot is overdue


@pytest.fixture
async def stage(stage):
    """With one balancer and W_min workers."""
    stage.join()
    await stage.run(6)
    assert len(stage.able()) == LIMITS.min_workers
    return stage


async def test_instances_that_never_boot_are_replaced(stage):
    stage.ec2.boot = 1e9
    await stage.want(WANTED)
    await stage.run(2)
    stuck = {each.id for each in stage.ec2.alive()} - set(stage.crew.said)
    assert len(stuck) == WANTED - 1
    stage.ec2.boot = 3.0
    # A boot is late after three times as long as boots took so far, at the earliest after 30 s more.
    await stage.run(GRACE + 3)
    assert len(stage.able()) == WANTED
    assert not stuck & {each.id for each in stage.ec2.alive()}
    assert stage.launched == WANTED + len(stuck)
    assert stage.most <= LIMITS.max_workers


async def test_instances_that_boot_and_never_report_are_replaced(stage):
    await stage.want(WANTED)
    await stage.run(1)
    mute = {each.id for each in stage.ec2.alive()} - set(stage.crew.said)
    stage.crew.mute |= mute
    assert len(mute) == WANTED - 1
    await stage.run(GRACE + 3)
    assert len(stage.able()) == WANTED
    assert not mute & {each.id for each in stage.ec2.alive()}
    assert stage.launched == WANTED + len(mute)
    assert stage.most <= LIMITS.max_workers


async def test_a_fleet_that_never_boots_stays_within_its_bounds_and_calls(stage):
    stage.ec2.boot = 1e9
    await stage.want(100)
    await stage.run(120)
    assert stage.most <= LIMITS.max_workers
    # Ten minutes: a boot's grace and a hold for each generation.
    assert stage.launched <= 1 + LIMITS.max_workers * 600 / BOOT_GRACE


async def test_one_that_falls_silent_is_replaced(stage):
    await stage.want(WANTED)
    await stage.run(4)
    silent = stage.able()[0]
    stage.crew.mute.add(silent)
    await stage.run(120 // TICK + 3)
    await stage.run(3)
    assert len(stage.able()) == WANTED
    assert silent not in stage.able()


async def test_scale_in_is_as_it_was_asked_for(stage):
    await stage.want(WANTED)
    await stage.run(4)
    await stage.want(0)
    await stage.run(8)
    assert len(stage.able()) == LIMITS.min_workers
    assert stage.crew.left == WANTED - LIMITS.min_workers
    assert stage.launched == WANTED


async def test_duplicated_terminate_messages_cost_a_launch_and_no_more(stage):
    await stage.want(WANTED)
    await stage.run(4)
    send_many = stage.shared.terminate.send_many
    body = Terminate(reason="twice", tick=0).encode()
    await send_many([body, body])
    await stage.run(4)
    assert len(stage.able()) == WANTED
    assert stage.launched == WANTED + 2
    assert stage.most <= LIMITS.max_workers


async def test_expired_terminate_messages_send_nobody_away(stage):
    await stage.want(WANTED)
    await stage.run(4)
    for _ in range(3):
        await stage.shared.terminate.send(Terminate(reason="late", tick=0).encode())
    stage.clock.now += 6
    await stage.run(4)
    assert stage.crew.expired == 3
    assert stage.crew.left == 0
    assert stage.launched == WANTED


@pytest.mark.parametrize("offset", [-300.0, 0.0, 300.0])
@pytest.mark.parametrize("wall", [-300.0, 300.0])
async def test_skewed_clocks_change_nothing(stage, monkeypatch, offset, wall):
    """The balancer's clock and everybody's wall clock are off by five minutes from SQS's and EC2's."""
    told = await _day(stage, 0.0)
    kept = time.time
    monkeypatch.setattr(time, "time", lambda: kept() + random.choice((wall, 0.0, -wall)))
    assert await _day(await _fresh(stage), offset) == told


async def _fresh(stage):
    """Another deployment like this one."""
    from tests.unit.ec2.crew import Crew
    from tests.unit.ec2.fake_ec2 import FakeEc2
    from tests.unit.ec2.stage import Stage
    from wire.memory import MemoryQueues, MemoryStore
    from wire.names import QueueNames
    from wire.topology import open_shared

    ec2 = FakeEc2(stage.clock, stage.ec2.zones)
    queues = MemoryQueues(stage.clock)
    shared = await open_shared(queues, QueueNames("test"))
    return Stage(stage.clock, ec2, stage.aws, queues, shared, MemoryStore(), Crew(ec2, shared))


async def _day(stage, offset: float) -> list[tuple]:
    """Up, down and up again; how many were there, and how many went, tick by tick."""
    stage = await _fresh(stage)
    stage.join(offset)
    seen = []
    for wanted in (0, 4, 2, 0, 6, 1):
        await stage.want(wanted)
        for _ in range(6):
            await stage.run(1)
            seen.append((len(stage.able()), stage.launched, stage.crew.left, stage.crew.expired))
    return seen
