"""What Describe shows, shows late, or shows no more."""

from dataclasses import replace

import pytest

from balancer.fleet import FleetUnavailable
from balancer.fleets.ec2.known import UNSEEN
from tests.unit.ec2.conftest import PLAN


async def test_a_launched_instance_counts_before_describe_shows_it(bench):
    """Without the memory of what RunInstances returned, every tick of the lag launches anew."""
    bench.ec2.lag = 60.0
    fleet = bench.fleet()
    for _ in range(20):
        await bench.ticked(fleet, 3)
    assert len(bench.ec2.instances) == 3


async def test_an_instance_that_never_shows_is_given_up_in_the_end(bench):
    bench.ec2.lag = 10_000.0
    fleet = bench.fleet()
    await fleet.launch(bench.order(1))
    assert len(await fleet.workers()) == 1
    bench.clock.now += UNSEEN
    assert await fleet.workers() == []


async def test_the_ended_count_no_more_however_long_they_are_shown(bench):
    fleet = bench.fleet()
    await bench.ticked(fleet, 3)
    first, second, _ = bench.ec2.instances.values()
    first.terminate(bench.clock())
    second.become(bench.clock(), "stopping", "stopped", 8.0)
    assert len(await fleet.workers()) == 1
    bench.clock.now += 60
    assert len(await fleet.workers()) == 1


async def test_a_terminated_one_is_not_resurrected_by_a_late_describe(bench):
    fleet = bench.fleet()
    await bench.ticked(fleet, 2)
    bench.clock.now += 30
    await fleet.workers()
    bench.ec2.lag = 25.0
    gone = next(iter(bench.ec2.instances))
    await fleet.end(gone, 0.0)
    await fleet.tend(bench.order(0))
    for _ in range(8):
        assert [w.id for w in await fleet.workers()] == [
            i for i in bench.ec2.instances if i != gone
        ]
        bench.clock.now += 5


async def test_one_that_was_seen_shutting_down_stays_gone_when_an_older_answer_comes(bench):
    fleet = bench.fleet()
    await bench.ticked(fleet, 1)
    (instance,) = bench.ec2.instances.values()
    instance.terminate(bench.clock())
    assert await fleet.workers() == []
    bench.ec2.lag = 4.0
    assert instance.state(bench.clock() - bench.ec2.lag) == "pending"
    assert await fleet.workers() == []


async def test_other_deployments_are_left_alone(bench):
    other = bench.fleet(replace(PLAN, deployment="other"))
    await other.launch(bench.order(2))
    fleet = bench.fleet()
    assert await fleet.workers() == []
    await fleet.end(next(iter(bench.ec2.instances)), 0.0)
    await fleet.tend(bench.order(0))
    assert len(bench.ec2.alive()) == 2


@pytest.mark.parametrize("code", ["RequestLimitExceeded", "UnauthorizedOperation", "InternalError"])
async def test_when_describe_fails_nobody_is_taken_for_gone(bench, code):
    fleet = bench.fleet()
    await bench.ticked(fleet, 1)
    bench.ec2.faults.refuse["describe_instances"] = code
    with pytest.raises(FleetUnavailable, match=code):
        await fleet.workers()
    bench.ec2.faults.refuse.clear()
    assert len(await fleet.workers()) == 1


async def test_a_lost_page_fails_the_look(bench):
    fleet = bench.fleet()
    await bench.ticked(fleet, 1)
    bench.ec2.faults.lose_after["describe_instances"] = 1
    with pytest.raises(FleetUnavailable):
        await fleet.workers()


async def test_close_leaves_the_instances_to_the_next_balancer(bench):
    fleet = bench.fleet()
    await bench.ticked(fleet, 2)
    await fleet.close()
    assert len(await bench.fleet().workers()) == 2
