"""The whole balancer over an EC2 that fails: three ticks after the fault the fleet is what it should be.

What is asserted is EC2's own ledger of instances.
"""

import pytest

from tests.unit.ec2.conftest import PLAN
from tests.unit.ec2.stage import LIMITS

WANTED = 4
POOLS = [
    (kind, zone, market)
    for kind in PLAN.types
    for zone in ("zone-a", "zone-b")
    for market in ("spot", "on-demand")
]


@pytest.fixture(params=[0.0, 4.0, 12.0], ids=["shown at once", "shown late", "shown much later"])
async def stage(stage, request):
    """With one balancer, W_min launched and the work for four workers waiting."""
    stage.ec2.lag = request.param
    stage.join()
    await stage.run(6)
    assert len(stage.able()) == LIMITS.min_workers
    await stage.want(WANTED)
    return stage


def settled(stage, launched=WANTED):
    """Everybody is there, nobody was launched twice, nobody was ever above the bound."""
    assert len(stage.able()) == WANTED
    assert stage.launched == launched
    assert stage.most <= LIMITS.max_workers


async def test_without_a_fault(stage):
    await stage.run(3)
    settled(stage)
    await stage.run(20)
    settled(stage)


@pytest.mark.parametrize("ticks", [1, 6, 40])
async def test_no_capacity_anywhere(stage, ticks):
    stage.ec2.faults.capacity = dict.fromkeys(POOLS, 0)
    await stage.run(ticks)
    assert stage.launched == 1
    stage.ec2.faults.capacity.clear()
    await stage.run(3)
    settled(stage)


async def test_capacity_in_the_last_place_only(stage):
    stage.ec2.faults.capacity = dict.fromkeys(POOLS[:-1], 0)
    await stage.run(3)
    settled(stage)
    calls = len(stage.ec2.called("run_instances"))
    await stage.run(20)
    assert len(stage.ec2.called("run_instances")) == calls


@pytest.mark.parametrize("ticks", [1, 6, 40])
async def test_throttled_launches(stage, ticks):
    stage.ec2.faults.throttled = {"run_instances"}
    await stage.run(ticks)
    stage.ec2.faults.throttled.clear()
    await stage.run(3)
    settled(stage)


async def test_throttled_looks(stage):
    stage.ec2.faults.throttled = {"describe_instances"}
    await stage.run(6)
    stage.ec2.faults.throttled.clear()
    await stage.run(3)
    settled(stage)


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_lost_launch_answers(stage, lost):
    stage.ec2.faults.lose_after["run_instances"] = lost
    await stage.run(lost + 3)
    settled(stage)
    await stage.run(70)
    settled(stage)


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_launch_calls_that_never_arrive(stage, lost):
    stage.ec2.faults.lose_before["run_instances"] = lost
    await stage.run(lost + 3)
    settled(stage)


async def test_partial_launches(stage):
    stage.ec2.faults.capacity = dict.fromkeys(POOLS, 1)
    await stage.run(3)
    settled(stage)


async def test_a_partial_launch_whose_answer_is_lost(stage):
    stage.ec2.faults.capacity = dict.fromkeys(POOLS, 1)
    stage.ec2.faults.lose_after["run_instances"] = 1
    await stage.run(4)
    settled(stage)


async def test_terminated_from_outside(stage):
    await stage.run(4)
    for ident in stage.able()[:3]:
        stage.ec2.instances[ident].terminate(stage.clock())
    seen = int(stage.ec2.lag // 5)
    await stage.run(seen + 3)
    settled(stage, launched=WANTED + 3)


async def test_terminated_from_outside_while_they_boot(stage):
    await stage.run(1)
    for ident in stage.able()[1:]:
        stage.ec2.instances[ident].terminate(stage.clock())
    # Boots that fail hold further launches back for a while, the third in a row for 20 s.
    seen, held = int(stage.ec2.lag // 5), 4
    await stage.run(seen + held + 3)
    settled(stage, launched=WANTED + 3)


async def test_all_spot_interrupted_and_no_spot_left(stage):
    await stage.run(4)
    for ident in stage.able():
        stage.ec2.instances[ident].terminate(stage.clock())
    stage.ec2.faults.capacity = {pool: 0 for pool in POOLS if pool[2] == "spot"}
    await stage.run(int(stage.ec2.lag // 5) + 3)
    settled(stage, launched=2 * WANTED)
    assert {each.market for each in stage.ec2.alive()} == {"on-demand"}
