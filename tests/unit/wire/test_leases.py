"""Held messages are extended while they move, and no longer."""

from wire.leases import STALL, Keeper, stall_of
from wire.memory import MemoryQueues
from wire.queues import QueueOptions


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


async def held(clock, stall=STALL):
    queues = MemoryQueues(clock)
    queue = await queues.ensure("q", QueueOptions(visibility=30))
    await queue.send("job")
    (received,) = await queue.receive(wait=0)
    return queue, received, Keeper(queue, visibility=30, clock=clock, stall=stall)


async def test_a_message_whose_work_moves_stays_hidden():
    clock = Clock()
    queue, received, keeper = await held(clock)
    with keeper.hold(received, seconds=300) as lease:
        for _ in range(20):
            clock.now += 10
            lease.progress()
            await keeper.extend_due()
            assert await queue.receive(wait=0) == []


async def test_work_that_hangs_comes_back():
    clock = Clock()
    queue, received, keeper = await held(clock)
    with keeper.hold(received, seconds=300):
        clock.now += STALL - 1
        await keeper.extend_due()
        clock.now += 29
        await keeper.extend_due()
        assert await queue.receive(wait=0) == []
        clock.now += 2
        (again,) = await queue.receive(wait=0)
        assert again.receive_count == 2


async def test_a_stage_that_may_take_long_is_no_hang_before_it_is_over():
    clock = Clock()
    queue, received, keeper = await held(clock, stall_of(118))
    with keeper.hold(received, seconds=300):
        for _ in range(11):
            clock.now += 10.7  # 117.7 s
            await keeper.extend_due()
            assert await queue.receive(wait=0) == []
        for _ in range(6):
            clock.now += 10
            await keeper.extend_due()
        assert len(await queue.receive(wait=0)) == 1


async def test_nothing_is_held_past_its_deadline():
    clock = Clock()
    queue, received, keeper = await held(clock)
    with keeper.hold(received, seconds=5) as lease:
        clock.now += 10
        lease.progress()
        await keeper.extend_due()
        clock.now += 21
        assert len(await queue.receive(wait=0)) == 1


async def test_what_was_let_go_is_not_extended():
    clock = Clock()
    queue, received, keeper = await held(clock)
    with keeper.hold(received, seconds=300):
        pass
    clock.now += 10
    await keeper.extend_due()
    clock.now += 21
    assert len(await queue.receive(wait=0)) == 1


async def test_a_queue_that_is_gone_does_not_stop_the_keeper():
    clock = Clock()
    queues = MemoryQueues(clock)
    queue = await queues.ensure("q", QueueOptions())
    await queue.send("job")
    (received,) = await queue.receive(wait=0)
    keeper = Keeper(queue, clock=clock)
    with keeper.hold(received, seconds=300):
        await queues.remove("q")
        await keeper.extend_due()
