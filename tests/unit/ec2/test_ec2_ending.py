"""Ends: by force when the grace is over, each on its own where one spoils the call."""

import pytest

from balancer.fleets.ec2.ends import AGAIN


async def present(bench, fleet):
    """Ids of who is there once the overdue ends of this tick are carried out."""
    await fleet.workers()
    await fleet.tend(bench.order(0))
    return [worker.id for worker in await fleet.workers()]


async def launched(bench, count):
    fleet = bench.fleet()
    await bench.ticked(fleet, count)
    await fleet.workers()
    return fleet, list(bench.ec2.instances)


async def test_an_end_is_carried_out_when_its_grace_is_over_and_not_before(bench):
    fleet, (first, second) = await launched(bench, 2)
    await fleet.end(first, 12.0)
    for _ in range(2):
        assert await present(bench, fleet) == [first, second]
        assert [worker.ending for worker in await fleet.workers()] == [True, False]
        assert bench.ec2.called("terminate_instances") == []
        bench.clock.now += 6
    assert await present(bench, fleet) == [second]
    assert [each.id for each in bench.ec2.alive()] == [second]


async def test_an_end_is_not_put_off_by_another(bench):
    fleet, (first,) = await launched(bench, 1)
    await fleet.end(first, 5.0)
    await fleet.end(first, 500.0)
    bench.clock.now += 5
    assert await present(bench, fleet) == []


async def test_many_ends_are_one_call(bench):
    fleet, ids = await launched(bench, 30)
    for each in ids:
        await fleet.end(each, 0.0)
    assert await present(bench, fleet) == []
    assert len(bench.ec2.called("terminate_instances")) == 1


@pytest.mark.parametrize("fault", ["protected", "unknown"])
async def test_one_bad_id_never_keeps_the_others_alive(bench, fault):
    fleet, ids = await launched(bench, 5)
    if fault == "protected":
        bench.ec2.faults.protected.add(ids[2])
    else:
        # Describe shows one that the other calls do not find yet.
        bench.ec2.instances[ids[2]].created = bench.clock.now + 1e6
    for each in ids:
        await fleet.end(each, 0.0)
    assert await present(bench, fleet) == [ids[2]]
    assert [each.id for each in bench.ec2.alive()] == [ids[2]]
    bench.ec2.faults.protected.clear()
    bench.ec2.instances[ids[2]].created = 0.0
    bench.clock.now += AGAIN
    assert await present(bench, fleet) == []


async def test_one_bad_id_among_a_hundred_costs_a_few_calls(bench):
    fleet, ids = await launched(bench, 100)
    bench.ec2.faults.protected.add(ids[42])
    for each in ids:
        await fleet.end(each, 0.0)
    assert await present(bench, fleet) == [ids[42]]
    assert len(bench.ec2.called("terminate_instances")) <= 15


async def test_ends_that_take_long_leave_the_rest_to_the_next_tick(bench, monkeypatch):
    fleet, _ = await launched(bench, 100)
    bench.tick += 1
    await fleet.launch(bench.order(100))
    bench.clock.now += 5
    for each in bench.ec2.instances:
        await fleet.end(each, 0.0)
    terminate = bench.ec2.terminate_instances

    def slow(**given):
        bench.clock.now += 6
        return terminate(**given)

    monkeypatch.setattr(bench.ec2, "terminate_instances", slow)
    assert len(await present(bench, fleet)) == 100
    assert await present(bench, fleet) == []


async def test_a_lost_or_throttled_end_is_repeated(bench):
    fleet, (first,) = await launched(bench, 1)
    await fleet.end(first, 0.0)
    bench.ec2.faults.lose_before["terminate_instances"] = 1
    assert len(await present(bench, fleet)) == 1
    bench.clock.now += 5
    bench.ec2.faults.throttled.add("terminate_instances")
    assert len(await present(bench, fleet)) == 1
    bench.ec2.faults.throttled.clear()
    bench.clock.now += 15
    assert await present(bench, fleet) == []
    assert bench.ec2.alive() == []


async def test_whoever_is_unknown_is_not_ended(bench):
    fleet, _ = await launched(bench, 1)
    await fleet.end("i-nobody", 0.0)
    await present(bench, fleet)
    assert bench.ec2.called("terminate_instances") == []


async def test_another_epoch_judges_anew(bench):
    """Somebody else led meanwhile, and heard the worker."""
    fleet, (first,) = await launched(bench, 1)
    await fleet.end(first, 90.0)
    bench.clock.now += 50
    bench.epoch = 3
    for _ in range(10):
        assert await present(bench, fleet) == [first]
        assert [worker.ending for worker in await fleet.workers()] == [False]
        bench.clock.now += 5
    assert bench.ec2.called("terminate_instances") == []


async def test_looking_changes_nothing(bench):
    fleet, (first,) = await launched(bench, 1)
    await fleet.end(first, 0.0)
    bench.clock.now += 5
    assert [worker.id for worker in await fleet.workers()] == [first]
    assert bench.ec2.called("terminate_instances") == []


async def test_who_is_spared_stays_and_may_be_ended_again(bench):
    fleet, (first, second) = await launched(bench, 2)
    for each in (first, second):
        await fleet.end(each, 5.0)
    assert await fleet.spare(first)
    bench.clock.now += 5
    assert await present(bench, fleet) == [first]
    assert [worker.ending for worker in await fleet.workers()] == [False]
    await fleet.end(first, 0.0)
    assert await present(bench, fleet) == []


@pytest.mark.parametrize("bad", [range(0, 100, 10), range(100)])
async def test_many_bad_ids_cost_no_more_calls_and_keep_no_other_alive_for_long(bench, bad):
    fleet, ids = await launched(bench, 100)
    protected = {ids[number] for number in bad}
    bench.ec2.faults.protected |= protected
    for each in ids:
        await fleet.end(each, 0.0)
    ticks = 0
    while set(await present(bench, fleet)) != protected or ticks < 3:
        bench.clock.now += 5
        ticks += 1
        assert ticks < 12
    assert len(bench.ec2.called("terminate_instances")) <= 20 * (ticks + 1)
    for _ in range(10):
        before = len(bench.ec2.called("terminate_instances"))
        await present(bench, fleet)
        assert len(bench.ec2.called("terminate_instances")) - before <= 20
        bench.clock.now += 5
    bench.ec2.faults.protected.clear()
    for _ in range(int(AGAIN // 5) + 1):
        await present(bench, fleet)
        bench.clock.now += 5
    assert await present(bench, fleet) == []
