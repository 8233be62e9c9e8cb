"""Launches: where from, in what order, how many came; asserted from EC2's own ledger of instances."""

from collections import Counter
from dataclasses import replace

import pytest

from balancer.fleets.ec2.fleet import TAKEOVER
from balancer.fleets.ec2.round import CALLS
from tests.unit.ec2.conftest import PLAN


def pools(bench) -> Counter:
    return Counter((each.kind, each.zone, each.market) for each in bench.ec2.alive())


async def test_what_is_launched_is_tagged_ends_with_its_poweroff_and_can_be_told_apart(bench):
    fleet = bench.fleet()
    assert await fleet.launch(bench.order(3)) == 3
    (given,) = bench.ec2.called("run_instances")
    assert given["LaunchTemplate"] == {"LaunchTemplateName": "workers"}
    assert (given["MinCount"], given["MaxCount"]) == (1, 3)
    assert given["InstanceInitiatedShutdownBehavior"] == "terminate"
    assert given["InstanceMarketOptions"]["MarketType"] == "spot"
    tags = {tag["Key"]: tag["Value"] for tag in given["TagSpecifications"][0]["Tags"]}
    assert tags["classifycloud-deployment"] == "test"
    assert tags["classifycloud-launch"] == given["ClientToken"]
    assert tags["classifycloud-role"] == "worker"
    assert tags["classifycloud-active"] == "yes"
    assert given["MetadataOptions"]["HttpTokens"] == "required"
    assert given["MetadataOptions"]["HttpPutResponseHopLimit"] == 1


async def test_a_template_may_be_named_by_its_id(bench):
    await bench.fleet(replace(PLAN, template="lt-0abc")).launch(bench.order(1))
    (given,) = bench.ec2.called("run_instances")
    assert given["LaunchTemplate"] == {"LaunchTemplateId": "lt-0abc"}


async def test_and_with_a_version_which_a_stack_changes_together_with_this_setting(bench):
    await bench.fleet(replace(PLAN, template="lt-0abc:7")).launch(bench.order(1))
    (given,) = bench.ec2.called("run_instances")
    assert given["LaunchTemplate"] == {"LaunchTemplateId": "lt-0abc", "Version": "7"}


async def test_instances_of_the_deployment_that_are_no_workers_are_left_alone(bench):
    fleet = bench.fleet()
    await fleet.launch(bench.order(2))
    (front, worker) = bench.ec2.alive()
    for phase in front.history:
        phase.tags["classifycloud-role"] = "api"
    another = bench.fleet()
    assert [each.id for each in await another.workers()] == [worker.id]


async def test_workers_are_counted_at_once_with_price_kind_and_market(bench):
    fleet = bench.fleet()
    await fleet.launch(bench.order(1))
    (worker,) = await fleet.workers()
    (instance,) = bench.ec2.alive()
    assert worker.id == instance.id
    assert (worker.kind, worker.market) == ("c7a.large", "spot")
    assert worker.hourly == pytest.approx(0.4 * 0.10264)
    assert worker.launched_at == bench.clock.now
    assert not worker.promised


async def test_a_dry_pool_sends_to_the_next_zone_then_type_then_market(bench):
    for zone in ("zone-a", "zone-b"):
        bench.ec2.faults.capacity["c7a.large", zone, "spot"] = 0
    bench.ec2.faults.capacity["c6a.large", "zone-b", "spot"] = 1
    bench.ec2.faults.capacity["c6a.large", "zone-a", "spot"] = 2
    assert await bench.fleet().launch(bench.order(5)) == 5
    assert pools(bench) == {
        ("c6a.large", "zone-a", "spot"): 2,
        ("c6a.large", "zone-b", "spot"): 1,
        ("c7a.large", "zone-a", "on-demand"): 2,
    }


@pytest.mark.parametrize(
    "code",
    ["SpotMaxPriceTooLow", "Unsupported", "InsufficientFreeAddressesInSubnet", "InvalidParameter"],
)
async def test_whatever_a_pool_refuses_for_the_tick_ends_in_bounded_calls(bench, code):
    bench.ec2.faults.refuse["run_instances"] = code
    assert await bench.fleet().launch(bench.order(4)) == 0
    assert len(bench.ec2.called("run_instances")) <= CALLS


async def test_a_dry_pool_is_not_asked_again_for_a_while_and_then_is(bench):
    fleet = bench.fleet()
    bench.ec2.faults.capacity["c7a.large", "zone-a", "spot"] = 0
    await bench.ticked(fleet, 1)
    bench.tick = 2  # begins with the same zone again
    await bench.ticked(fleet, 2)
    dry = [g for g in bench.ec2.called("run_instances") if g["SubnetId"] == "subnet-a"]
    assert len(dry) == 1
    bench.clock.now += 200
    bench.ec2.faults.capacity.clear()
    bench.tick = 4
    await bench.ticked(fleet, 3)
    assert pools(bench)["c7a.large", "zone-a", "spot"] == 1


async def test_on_demand_is_never_spot(bench):
    await bench.fleet(replace(PLAN, market="on-demand")).launch(bench.order(2))
    assert pools(bench) == {("c7a.large", "zone-a", "on-demand"): 2}


async def test_partial_launches_count_as_what_came(bench):
    plan = replace(PLAN, types=("c7a.large",), subnets=("subnet-a",), market="on-demand")
    bench.ec2.faults.capacity["c7a.large", "zone-a", "on-demand"] = 2
    fleet = bench.fleet(plan)
    assert await fleet.launch(bench.order(5)) == 2
    assert len(await fleet.workers()) == len(bench.ec2.alive()) == 2


async def test_a_quota_is_filled_though_a_call_for_more_is_refused_as_a_whole(bench):
    bench.ec2.faults.quota = {"spot": 5, "on-demand": 0}
    fleet = bench.fleet()
    for _ in range(3):
        await bench.ticked(fleet, 9)
    assert len(bench.ec2.alive()) == 5


async def test_zones_take_turns(bench):
    fleet = bench.fleet()
    for wanted in range(1, 5):
        await bench.ticked(fleet, wanted)
    assert Counter(each.zone for each in bench.ec2.alive()) == {"zone-a": 2, "zone-b": 2}


async def test_large_orders_travel_in_batches_of_a_hundred(bench):
    assert await bench.fleet().launch(bench.order(250)) == 250
    counts = [given["MaxCount"] for given in bench.ec2.called("run_instances")]
    assert counts == [100, 100, 50]
    tokens = {given["ClientToken"] for given in bench.ec2.called("run_instances")}
    assert len(tokens) == 3


async def test_no_more_is_launched_than_the_money_allows(bench):
    spot = 0.4 * 0.10264
    fleet = bench.fleet()
    assert await fleet.launch(bench.order(5, hourly=2.5 * spot)) == 2
    bench.tick += 1
    # On-demand costs more than what is left, spot of the cheaper type does not.
    for zone in ("zone-a", "zone-b"):
        bench.ec2.faults.capacity["c7a.large", zone, "spot"] = 0
    assert await fleet.launch(bench.order(5, hourly=0.04)) == 1
    assert await fleet.launch(bench.order(5, hourly=0.0)) == 0


async def test_throttling_ends_the_tick_and_slows_the_next_ones(bench):
    fleet = bench.fleet()
    bench.ec2.faults.throttled = {"run_instances"}
    for _ in range(12):
        await bench.ticked(fleet, 3)
    assert 3 <= len(bench.ec2.called("run_instances")) <= 8
    bench.ec2.faults.throttled.clear()
    for _ in range(3):
        await bench.ticked(fleet, 3)
    assert len(bench.ec2.alive()) == 3


async def test_tokens_are_unique_short_and_name_epoch_and_tick(bench):
    fleet = bench.fleet()
    bench.epoch, bench.tick = 4_000_000_000, 99_999_999
    assert await fleet.launch(bench.order(1)) == 0
    bench.clock.now += TAKEOVER
    bench.ec2.faults.capacity["c7a.large", "zone-b", "spot"] = 0
    await fleet.launch(bench.order(1))
    tokens = [given["ClientToken"] for given in bench.ec2.called("run_instances")]
    assert len(set(tokens)) == len(tokens) == 2
    assert all(len(token) <= 64 and token.isascii() for token in tokens)
    assert all(token.startswith("cc-4000000000-99999999-") for token in tokens)


async def test_without_a_lease_two_runs_share_no_token(bench):
    bench.epoch = 0
    for _ in range(2):
        assert await bench.fleet().launch(bench.order(1)) == 1
    assert len(bench.ec2.alive()) == 2


async def test_control_calls_do_not_grow_with_the_fleet_beyond_paging(bench):
    fleet = bench.fleet(replace(PLAN, types=("c7a.large",), subnets=("subnet-a",)))
    bench.ec2.page = 100
    for tick in range(3):
        bench.tick = tick
        await fleet.launch(bench.order(100))
    bench.ec2.calls.clear()
    assert len(await fleet.workers()) == 300
    assert [name for name, _ in bench.ec2.calls] == ["describe_instances"] * 3
