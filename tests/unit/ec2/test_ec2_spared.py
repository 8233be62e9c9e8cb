"""Nobody who works is ended by force: an instance never hears of its end, and may come back before it."""

import pytest

from balancer.operator import KEY
from balancer.ruling import Ruling
from tests.unit.ec2.stage import LIMITS, TICK
from wire.messages import Report

WANTED = 4
SILENCE = 120 // TICK + 3  # ticks


@pytest.fixture
async def stage(stage):
    """With one balancer and W_min workers."""
    stage.join()
    await stage.run(6)
    return stage


async def busy(stage, worker):
    body = Report(sender=worker, kind="worker", state="busy", busy=3).encode()
    await stage.shared.reports.send(body)


async def silenced(stage):
    """Somebody who was silent until the balancer had enough of it."""
    worker = stage.able()[0]
    stage.crew.mute.add(worker)
    for _ in range(SILENCE):
        await stage.run(1)
        if stage.members[0].told[-1].ended:
            return worker
    raise AssertionError("nobody was ended")


async def test_one_that_was_silent_and_is_busy_again_is_not_ended(stage):
    worker = await silenced(stage)
    for _ in range(30):
        await busy(stage, worker)
        await stage.run(1)
    assert stage.terminated() == set()
    assert worker in stage.able()
    row = stage.members[0].parts.balancer._ledger.rows[worker]
    assert row.busy, "it is capacity again"


async def test_one_that_was_spared_and_falls_silent_again_is_ended(stage):
    worker = await silenced(stage)
    await busy(stage, worker)
    await stage.run(2)
    assert worker in stage.able()
    await stage.run(SILENCE + 4)
    assert worker in stage.terminated()


@pytest.mark.parametrize("wanted", [WANTED, LIMITS.max_workers])
@pytest.mark.parametrize("boot", range(44, 53))
async def test_whoever_gets_ready_late_works(stage, boot, wanted):
    """Its boot was given up, but with another in its place there would be more than W_max."""
    stage.ec2.boot = float(boot)
    await stage.want(wanted)
    spoke = set()
    for _ in range(24):
        await stage.run(1)
        assert not spoke & stage.terminated()
        assert len(stage.ec2.alive()) <= LIMITS.max_workers
        spoke |= set(stage.crew.said)
    stage.ec2.boot = 3.0
    await stage.run(4)
    assert wanted <= len(stage.able()) <= LIMITS.max_workers


async def test_what_the_operator_paused_ends_nobody(stage):
    worker = await silenced(stage)
    await stage.store.put(KEY, Ruling(paused=True).encode().encode())
    await stage.run(20)
    assert stage.members[0].told[-1].rules.paused
    assert stage.terminated() == set()
    await stage.store.put(KEY, Ruling().encode().encode())
    await stage.run(3)
    assert stage.terminated() == {worker}


async def test_nobody_is_ended_after_the_lease_ran_out(stage, monkeypatch):
    member = stage.members[0]
    worker = stage.able()[0]
    await member.fleet.end(worker, 0.0)
    describe = member.fleet._gaze._describe

    async def slow():
        stage.clock.now += 20
        return await describe()

    monkeypatch.setattr(member.fleet._gaze, "_describe", slow)
    await member.parts.leader.step()
    await member.parts.balancer.on_tick()
    assert not member.parts.leader.may_act()
    assert stage.terminated() == set()
