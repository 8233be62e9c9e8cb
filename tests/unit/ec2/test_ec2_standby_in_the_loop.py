"""The whole balancer with a standby pool: what waits is no worker, what is woken is one at once."""

from dataclasses import replace

import pytest

from tests.unit.ec2.conftest import PLAN
from tests.unit.ec2.stage import LIMITS
from wire.messages import Terminate

STANDBY = 2


@pytest.fixture(params=[0.0, 7.0], ids=["shown at once", "shown late"])
async def stage(stage, request):
    """One balancer, W_min workers, a full pool asleep."""
    stage.ec2.lag = request.param
    stage.plan = replace(PLAN, standby=STANDBY)
    stage.join()
    await stage.run(18)
    assert (len(stage.able()), asleep(stage)) == (LIMITS.min_workers, STANDBY)
    return stage


def asleep(stage):
    return sum(each.state(stage.clock()) == "stopped" for each in stage.ec2.instances.values())


async def test_a_burst_wakes_the_pool_and_the_pool_is_filled_again(stage):
    launched = stage.launched
    await stage.want(3)
    await stage.run(1)
    assert len(stage.able()) == 3
    assert [each.market for each in stage.ec2.alive("worker")] == ["spot"]
    await stage.run(14)
    assert stage.members[0].told[-1].runs_on == {"c7a.large spot": 1, "c7a.large on-demand": 2}
    assert len(stage.able()) == 3
    assert asleep(stage) == STANDBY
    assert stage.launched == launched + STANDBY


async def test_after_the_burst_there_are_the_least_workers_and_one_pool(stage):
    await stage.want(4)
    await stage.run(6)
    await stage.want(0)
    await stage.run(20)
    assert len(stage.able()) == LIMITS.min_workers
    assert asleep(stage) == STANDBY
    assert len(stage.ec2.alive()) == LIMITS.min_workers


async def test_terminate_messages_are_no_business_of_those_who_wait(stage):
    stage.members.clear()
    await stage.shared.terminate.send(Terminate(reason="now", tick=0).encode())
    await stage.run(1)
    assert stage.crew.left == 1
    assert asleep(stage) == STANDBY


@pytest.mark.parametrize("operation", ["create_tags", "start_instances", "stop_instances"])
@pytest.mark.parametrize("kind", ["lost after", "lost before", "throttled"])
async def test_a_pool_in_trouble_holds_nobody_up(stage, operation, kind):
    faults = stage.ec2.faults
    if kind == "throttled":
        faults.throttled = {operation}
    else:
        (faults.lose_after if kind == "lost after" else faults.lose_before)[operation] = 2
    await stage.want(4)
    await stage.run(3)
    faults.throttled = set()
    await stage.run(3)
    assert len(stage.able()) == 4
    assert stage.most <= LIMITS.max_workers
    await stage.run(18)
    assert len(stage.able()) == 4
    assert asleep(stage) == STANDBY


async def test_the_next_leader_finds_the_pool_as_it_is(stage):
    launched = stage.launched
    stage.members.clear()
    stage.join()
    await stage.run(7)
    await stage.want(3)
    await stage.run(1)
    assert len(stage.able()) == 3
    assert [each.market for each in stage.ec2.alive("worker")] == ["spot"]
    assert stage.launched <= launched + STANDBY
