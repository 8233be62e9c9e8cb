"""Two balancers with a lease in the store: one acts, and what the other finds is not launched again."""

import pytest

from balancer.fleets.ec2.fleet import TAKEOVER
from tests.unit.ec2.stage import LIMITS

WANTED = 4
LEASE = 4  # ticks until a lease of 15 s that nobody renews is somebody else's


@pytest.fixture(params=[0.0, 4.0, 12.0], ids=["shown at once", "shown late", "shown much later"])
async def pair(stage, request):
    """The first of two leads, and W_min is launched."""
    stage.ec2.lag = request.param
    stage.join()
    stage.join(offset=-77.0)
    await stage.run(6)
    assert stage.launched == LIMITS.min_workers
    return stage


async def test_the_loser_does_nothing(pair):
    await pair.want(WANTED)
    await pair.run(4)
    first, second = pair.members
    assert second.told == []
    assert len(first.told) == 10
    assert pair.launched == WANTED


async def test_a_leader_killed_after_a_launch_is_followed_by_one_that_launches_nothing_twice(pair):
    await pair.want(WANTED)
    await pair.members[0].tick()
    del pair.members[0]
    await pair.run(LEASE + 3)
    assert pair.launched == WANTED
    assert len(pair.able()) == WANTED


async def test_a_leader_killed_before_its_launch_is_answered(pair):
    await pair.want(WANTED)
    pair.ec2.faults.lose_after["run_instances"] = 1
    await pair.members[0].tick()
    del pair.members[0]
    await pair.run(LEASE + 3)
    assert pair.launched == WANTED
    assert len(pair.able()) == WANTED


async def test_a_leader_that_lets_go_of_its_lease_in_the_tick_of_a_launch(pair):
    """Nothing but the next leader's patience keeps what Describe does not show from being launched anew."""
    pair.ec2.lag = min(pair.ec2.lag, TAKEOVER)
    await pair.want(WANTED)
    await pair.members[0].tick()
    await pair.members[0].parts.leader.release()
    del pair.members[0]
    await pair.run(5)
    assert pair.launched == WANTED
    assert len(pair.able()) == WANTED


async def test_a_leader_that_was_frozen_does_not_act_when_it_wakes(pair):
    frozen = pair.members.pop(0)
    await pair.want(WANTED)
    await pair.run(LEASE + 3)
    assert pair.launched == WANTED
    told = len(frozen.told)
    pair.members.append(frozen)
    await pair.run(4)
    assert len(frozen.told) == told
    assert pair.launched == WANTED


async def test_two_without_a_lease_come_to_one_fleet_within_the_bounds(bench):
    """Should both ever act, epochs keep their tokens apart and tags show each what the other launched."""
    first, second = bench.fleet(), bench.fleet()
    for _ in range(4):
        for fleet, epoch in ((first, 1), (second, 1_000_000)):
            bench.epoch = epoch
            await bench.ticked(fleet, WANTED)
    assert len(bench.ec2.instances) == WANTED
    assert len(await first.workers()) == len(await second.workers()) == WANTED
