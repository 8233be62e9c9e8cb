"""The standby pool when calls fail, answers are lost, zones are dry or balancers die."""

import pytest

from tests.unit.ec2.conftest import PLAN
from tests.unit.ec2.test_ec2_standby import PLAN_2, pooled, states
from wire.names import ACTIVE_TAG


@pytest.mark.parametrize("operation", ["create_tags", "start_instances"])
@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("lag", [0.0, 7.0])
async def test_a_lost_answer_while_waking_wakes_nobody_twice(bench, operation, executed, lag):
    fleet = await pooled(bench)
    bench.ec2.lag = lag
    faults = bench.ec2.faults
    (faults.lose_after if executed else faults.lose_before)[operation] = 1
    for _ in range(4):
        await bench.ticked(fleet, 2)
        working = [each for each in bench.ec2.alive() if each.market == "spot"]
        assert working == []
    present = await fleet.workers()
    assert len(present) == 2
    assert all(bench.ec2.instances[each.id].state(bench.clock()) == "running" for each in present)


async def test_a_balancer_killed_between_the_tag_and_the_start_costs_a_tick(bench):
    fleet = await pooled(bench)
    bench.ec2.create_tags(
        Resources=list(bench.ec2.instances), Tags=[{"Key": ACTIVE_TAG, "Value": "yes"}]
    )
    assert await fleet.workers() == []
    heir = bench.fleet(PLAN_2)
    await bench.ticked(heir, 2)
    assert len(await heir.workers()) == 2
    # What is launched fills the pool.
    assert {each.market for each in bench.ec2.instances.values()} == {"on-demand"}


async def test_no_capacity_to_start_means_launching_elsewhere(bench):
    fleet = await pooled(bench)
    for kind in PLAN.types:
        bench.ec2.faults.capacity[kind, "zone-a", "on-demand"] = 0
    assert await fleet.launch(bench.order(2)) == 2
    assert len(await fleet.workers()) == 2
    assert {each.market for each in bench.ec2.alive()} == {"spot"}


async def test_one_that_is_gone_does_not_keep_the_others_asleep(bench):
    fleet = await pooled(bench)
    await fleet.workers()
    next(iter(bench.ec2.instances.values())).terminate(bench.clock())
    assert await fleet.launch(bench.order(2)) == 2
    assert len(bench.ec2.alive()) == 2


async def test_a_lost_answer_while_filling_the_pool_fills_it_once(bench):
    fleet = bench.fleet(PLAN_2)
    bench.ec2.lag = 60.0
    bench.ec2.faults.lose_after["run_instances"] = 3
    for _ in range(6):
        assert await bench.ticked(fleet, 0) == []
    assert len(bench.ec2.instances) == 2


async def test_where_one_zone_cannot_start_its_own_the_other_does(bench):
    fleet = await pooled(bench)
    first, second = bench.ec2.instances.values()
    second.zone = "zone-b"
    bench.ec2.faults.capacity["c7a.large", first.zone, "on-demand"] = 0
    await fleet.workers()
    assert await fleet.launch(bench.order(2)) == 2
    alive = {each.id: each.market for each in bench.ec2.alive()}
    assert alive.pop(second.id) == "on-demand"
    assert list(alive.values()) == ["spot"]


async def test_a_stop_that_describe_does_not_show_yet_is_not_repeated(bench):
    fleet = bench.fleet(PLAN_2)
    bench.ec2.lag = 12.0
    for _ in range(16):
        await bench.ticked(fleet, 0)
    assert len(bench.ec2.called("stop_instances")) == 1
    assert states(bench) == ["stopped", "stopped"]


async def test_a_start_that_is_never_answered_counts_for_a_while_and_is_then_given_up(bench):
    fleet = await pooled(bench)
    bench.ec2.faults.lose_before["start_instances"] = 1000
    spot = []
    for _ in range(12):
        await bench.ticked(fleet, 2)
        spot.append(sum(each.market == "spot" for each in bench.ec2.alive()))
    assert spot[:6] == [0] * 6
    bench.ec2.faults.lose_before.clear()
    for _ in range(4):
        await bench.ticked(fleet, 2)
    assert len(await fleet.workers()) == 2
    active = [e for e in bench.ec2.alive() if e.at(bench.clock()).tags[ACTIVE_TAG] == "yes"]
    assert len(active) == 2


@pytest.mark.parametrize(("epoch", "repeated"), [(1, 1), (2, 0)])
async def test_a_lost_start_is_repeated_only_in_the_epoch_that_made_it(bench, epoch, repeated):
    fleet = await pooled(bench)
    bench.ec2.faults.lose_before["start_instances"] = 1
    await bench.ticked(fleet, 1)
    bench.ec2.calls.clear()
    bench.epoch = epoch
    await fleet.workers()
    await fleet.tend(bench.order(0))
    assert len(bench.ec2.called("start_instances")) == repeated
