"""The standby pool: kept, woken before anything is launched, taken back, and never counted while it waits."""

from dataclasses import replace

from tests.unit.ec2.conftest import PLAN
from wire.names import ACTIVE_TAG

PLAN_2 = replace(PLAN, standby=2)


async def pooled(bench, plan=PLAN_2):
    """A fleet without workers whose pool is asleep."""
    fleet = bench.fleet(plan)
    for _ in range(12):
        await bench.ticked(fleet, 0)
    assert states(bench) == ["stopped"] * plan.standby
    bench.ec2.calls.clear()
    return fleet


def states(bench):
    return sorted(each.state(bench.clock()) for each in bench.ec2.instances.values())


async def test_the_pool_is_filled_with_gated_on_demand_instances_that_are_stopped_when_warm(bench):
    fleet = bench.fleet(PLAN_2)
    assert await bench.ticked(fleet, 0) == []
    (given,) = bench.ec2.called("run_instances")
    tags = {tag["Key"]: tag["Value"] for tag in given["TagSpecifications"][0]["Tags"]}
    assert (tags[ACTIVE_TAG], tags["classifycloud-role"]) == ("no", "standby")
    assert given["MetadataOptions"]["InstanceMetadataTags"] == "enabled"
    assert given["InstanceInitiatedShutdownBehavior"] == "stop"
    assert "InstanceMarketOptions" not in given
    for _ in range(6):
        assert await bench.ticked(fleet, 0) == []
        assert bench.ec2.called("stop_instances") == []
    for _ in range(4):
        assert await bench.ticked(fleet, 0) == []
    assert states(bench) == ["stopped", "stopped"]
    assert len(bench.ec2.called("run_instances")) == 1


async def test_stopped_ones_are_started_first_and_the_rest_is_launched(bench):
    fleet = await pooled(bench)
    assert await fleet.launch(bench.order(3)) == 3
    order = [name for name, _ in bench.ec2.calls]
    assert order[0] == "create_tags"
    assert order.index("start_instances") < order.index("run_instances")
    (given,) = bench.ec2.called("run_instances")
    assert given["MaxCount"] == 1
    present = await fleet.workers()
    assert len(present) == len(bench.ec2.alive()) == 3
    assert sorted(worker.market for worker in present) == ["on-demand", "on-demand", "spot"]


async def test_a_woken_standby_counts_before_describe_shows_it_and_its_tag_stays_open(bench):
    fleet = await pooled(bench)
    bench.ec2.lag = 12.0
    for _ in range(8):
        await bench.ticked(fleet, 2)
    workers = [
        each for each in bench.ec2.alive() if each.at(bench.clock()).tags[ACTIVE_TAG] == "yes"
    ]
    assert len(workers) == 2
    assert len(await fleet.workers()) == 2
    # Two woken, two to replace them in the pool.
    assert len(bench.ec2.instances) == 4


async def test_one_that_is_still_warming_up_is_woken_where_it_runs(bench):
    fleet = bench.fleet(replace(PLAN, standby=1))
    for _ in range(4):
        await bench.ticked(fleet, 0)
    bench.ec2.calls.clear()
    bench.ec2.lag = 7.0
    assert await fleet.launch(bench.order(1)) == 1
    assert bench.ec2.called("run_instances") == []
    (worker,) = await fleet.workers()
    assert bench.ec2.instances[worker.id].at(bench.clock()).tags[ACTIVE_TAG] == "yes"
    # Describe shows the closed gate for a while: it is neither stopped nor replaced as a worker for that.
    for _ in range(3):
        assert [each.id for each in await bench.ticked(fleet, 1)] == [worker.id]
    assert bench.ec2.called("stop_instances") == []


async def test_a_worker_that_powers_off_is_back_in_the_pool(bench):
    fleet = await pooled(bench)
    await fleet.launch(bench.order(1))
    (worker,) = await fleet.workers()
    bench.clock.now += 30
    bench.ec2.instances[worker.id].power_off(bench.clock())
    for _ in range(4):
        assert await bench.ticked(fleet, 0) == []
    assert states(bench) == ["stopped", "stopped"]
    assert await fleet.launch(bench.order(2)) == 2
    assert len(bench.ec2.alive()) == 2


async def test_one_that_is_ended_by_force_is_terminated_not_pooled(bench):
    fleet = await pooled(bench)
    await fleet.launch(bench.order(1))
    (worker,) = await fleet.workers()
    bench.clock.now += 5
    await fleet.end(worker.id, 0.0)
    await fleet.tend(bench.order(0))
    assert await fleet.workers() == []
    assert bench.ec2.instances[worker.id].state(bench.clock()) == "shutting-down"


async def test_a_scheduled_end_does_not_reach_into_the_next_turn_of_a_standby(bench):
    fleet = await pooled(bench, replace(PLAN, standby=1))
    await fleet.launch(bench.order(1))
    (worker,) = await fleet.workers()
    bench.clock.now += 5
    await fleet.workers()
    await fleet.end(worker.id, 40.0)
    bench.ec2.instances[worker.id].power_off(bench.clock())
    for _ in range(7):
        await fleet.workers()
        bench.clock.now += 5
    assert await fleet.launch(bench.order(1)) == 1
    for _ in range(6):
        bench.clock.now += 5
        await fleet.tend(bench.order(0))
        assert [each.id for each in await fleet.workers()] == [worker.id]


async def test_too_many_are_terminated(bench):
    await pooled(bench)
    smaller = bench.fleet(replace(PLAN, standby=1))
    for _ in range(4):
        await bench.ticked(smaller, 0)
    assert states(bench) == ["stopped", "terminated"]


async def test_standbys_are_not_woken_beyond_the_money(bench):
    fleet = await pooled(bench)
    assert await fleet.launch(bench.order(2, hourly=0.11)) == 1


async def test_standbys_cost_no_more_than_the_money_left(bench):
    fleet = bench.fleet(PLAN_2)
    await fleet.workers()
    await fleet.tend(bench.order(0, hourly=0.11))
    assert len(bench.ec2.instances) == 1


async def test_the_pool_is_filled_with_what_the_workers_leave_of_the_money(bench):
    fleet = bench.fleet(replace(PLAN_2, market="on-demand"))
    await fleet.workers()
    order = bench.order(1, hourly=0.22)
    assert await fleet.launch(order) == 1
    await fleet.tend(replace(order, count=0))
    assert len(bench.ec2.instances) == 2


async def test_workers_and_standbys_of_the_same_tick_and_pool_are_two_launches(bench):
    fleet = bench.fleet(replace(PLAN_2, market="on-demand"))
    await bench.ticked(fleet, 2)
    roles = sorted(each.at(bench.clock()).tags["classifycloud-role"] for each in bench.ec2.alive())
    assert roles == ["standby", "standby", "worker", "worker"]
