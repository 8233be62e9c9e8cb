"""Answers that never come: nothing is launched twice, nothing is waited for in vain."""

from dataclasses import replace

import pytest

from balancer.fleets.ec2.fleet import TAKEOVER
from balancer.ledger import Ledger
from tests.unit.ec2.conftest import PLAN

WANTED = 4


async def test_a_launch_whose_answer_is_lost_counts_at_once(bench):
    fleet = bench.fleet()
    bench.ec2.faults.lose_after["run_instances"] = 1
    assert await fleet.launch(bench.order(WANTED)) == WANTED
    bench.ec2.lag = 60
    bench.ec2.faults.lose_after["run_instances"] = 1
    present = await fleet.workers()
    assert len(present) == WANTED
    assert all(worker.promised for worker in present)


@pytest.mark.parametrize("lag", [0.0, 7.0, 120.0])
@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_lost_answers_launch_nothing_twice(bench, lag, lost):
    """Without the same token on the repeated call this launches anew for every lost answer."""
    fleet = bench.fleet()
    bench.ec2.lag = lag
    bench.ec2.faults.lose_after["run_instances"] = lost
    for _ in range(lost + 3):
        await bench.ticked(fleet, WANTED)
        assert len(bench.ec2.instances) == WANTED
    present = await fleet.workers()
    assert {worker.id for worker in present} == set(bench.ec2.instances)
    assert not any(worker.promised for worker in present)


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_calls_that_were_never_carried_out_are_made_good_within_three_ticks(bench, lost):
    fleet = bench.fleet()
    bench.ec2.faults.lose_before["run_instances"] = lost
    for _ in range(lost + 3):
        await bench.ticked(fleet, WANTED)
        assert len(bench.ec2.instances) <= WANTED
    assert len(bench.ec2.alive()) == WANTED


async def test_an_endpoint_without_client_tokens_is_reconciled_by_tag(bench):
    """Emulators know no tokens but show at once what they launched. Fails without reconciliation."""
    bench.ec2.tokens = False
    fleet = bench.fleet()
    bench.ec2.faults.lose_after["run_instances"] = 1
    for _ in range(4):
        await bench.ticked(fleet, WANTED)
    assert len(bench.ec2.instances) == WANTED


async def test_a_lost_partial_launch_is_settled_by_the_repeated_call(bench):
    plan = replace(PLAN, types=("c7a.large",), subnets=("subnet-a",), market="on-demand")
    bench.ec2.faults.capacity["c7a.large", "zone-a", "on-demand"] = 2
    bench.ec2.faults.lose_after["run_instances"] = 1
    fleet = bench.fleet(plan)
    assert [len(await bench.ticked(fleet, 5)) for _ in range(3)] == [0, 5, 2]
    bench.ec2.faults.capacity.clear()
    for _ in range(3):
        await bench.ticked(fleet, 5)
    assert len(bench.ec2.instances) == 5


async def test_a_promise_that_cannot_be_kept_is_dropped(bench):
    fleet = bench.fleet()
    bench.ec2.faults.lose_before["run_instances"] = 1
    await bench.ticked(fleet, 2)
    bench.ec2.faults.refuse["run_instances"] = "InsufficientInstanceCapacity"
    await bench.ticked(fleet, 2)
    assert await fleet.workers() == []


async def test_a_promise_does_not_outlive_its_time_while_nothing_is_answered(bench):
    fleet = bench.fleet()
    bench.ec2.faults.lose_before["run_instances"] = 1000
    await bench.ticked(fleet, 2)
    for _ in range(59):
        assert len(await bench.ticked(fleet, 2)) == 2
    assert await fleet.workers() == []


async def test_a_lost_call_is_not_repeated_once_another_has_led(bench):
    """It was never carried out, the other launched instead: the repeated call would launch on top of that."""
    first, second = bench.fleet(), bench.fleet()
    bench.ec2.faults.lose_before["run_instances"] = 1
    await bench.ticked(first, WANTED)
    bench.epoch = 2
    for _ in range(4):
        await bench.ticked(second, WANTED)
    assert len(bench.ec2.instances) == WANTED
    bench.epoch = 3
    for _ in range(4):
        await bench.ticked(first, WANTED)
    assert len(bench.ec2.instances) == WANTED
    assert not any(worker.promised for worker in await first.workers())


async def test_a_server_error_is_taken_for_a_lost_answer(bench):
    fleet = bench.fleet()
    bench.ec2.faults.refuse["run_instances"] = "InternalError"
    await bench.ticked(fleet, 2)
    bench.ec2.faults.refuse.clear()
    assert len(await fleet.workers()) == 2
    await bench.ticked(fleet, 2)
    assert len(bench.ec2.instances) == 2


async def test_what_the_last_leader_launched_is_not_launched_again_by_the_next(bench):
    """The lease is let go of at once, and Describe does not show the launches yet."""
    bench.ec2.lag = 8.0
    await bench.ticked(bench.fleet(), WANTED)
    bench.epoch, bench.tick = 2, 0
    heir = bench.fleet()
    for _ in range(5):
        await bench.ticked(heir, WANTED)
    assert len(bench.ec2.instances) == WANTED


async def test_a_new_leader_launches_after_three_ticks_at_the_latest(bench):
    bench.epoch = 2
    heir = bench.fleet()
    for _ in range(3):
        await bench.ticked(heir, WANTED)
    assert len(bench.ec2.alive()) == WANTED
    assert TAKEOVER <= 10


async def test_a_balancer_killed_in_a_launch_leaves_instances_that_the_next_one_adopts(bench):
    bench.ec2.faults.lose_after["run_instances"] = 1
    await bench.fleet().launch(bench.order(3))
    bench.epoch = 2
    heir = bench.fleet()
    assert {worker.id for worker in await heir.workers()} == set(bench.ec2.instances)


async def test_a_promise_that_gives_way_to_its_workers_is_no_failed_boot(bench):
    fleet, ledger = bench.fleet(), Ledger()
    bench.ec2.faults.lose_after["run_instances"] = 2
    bench.ec2.lag = 7.0
    await fleet.launch(bench.order(2))
    for _ in range(3):
        present = await fleet.workers()
        ledger.admit(present, bench.clock())
        ledger.dismiss(present, bench.clock())
        assert ledger.staying(bench.clock()) == 2
        bench.clock.now += 5
    assert set(ledger.rows) == set(bench.ec2.instances)
    assert ledger.failed_boots == 0
