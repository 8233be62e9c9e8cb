"""Singles become batches, and only what failed is tried again."""

import asyncio

import pytest

from wire.errors import QueueUnavailable
from wire.gather import ATTEMPTS, BATCH_BYTES, MOST, Entry, Gatherer, Outcome


class Calls:
    """A batch call that keeps what it was given and fails as told."""

    def __init__(self, fail=lambda value, call: Outcome()):
        self.batches: list[list[object]] = []
        self.fail = fail

    async def __call__(self, entries):
        self.batches.append([entry.value for entry in entries])
        await asyncio.sleep(0)
        return [self.fail(entry.value, len(self.batches)) for entry in entries]


async def test_entries_that_arrive_together_travel_together():
    calls = Calls()
    gatherer = Gatherer(calls)
    await asyncio.gather(*(gatherer.add(Entry(i)) for i in range(25)))
    assert [len(batch) for batch in calls.batches] == [10, 10, 5]
    assert sorted(value for batch in calls.batches for value in batch) == list(range(25))


async def test_a_lone_entry_does_not_wait_for_long():
    calls = Calls()
    async with asyncio.timeout(1):
        await Gatherer(calls).add(Entry("alone"))
    assert calls.batches == [["alone"]]


async def test_heavy_entries_are_split_before_the_limit():
    calls = Calls()
    gatherer = Gatherer(calls)
    heavy = BATCH_BYTES // 2 + 1
    await gatherer.add_many([Entry(i, weight=heavy) for i in range(3)])
    assert [len(batch) for batch in calls.batches] == [1, 1, 1]


async def test_only_the_failed_entries_are_tried_again():
    def fail(value, call):
        return Outcome(QueueUnavailable(), retry=True) if value == 3 and call < 3 else Outcome()

    calls = Calls(fail)
    await Gatherer(calls).add_many([Entry(i) for i in range(5)])
    assert calls.batches == [[0, 1, 2, 3, 4], [3], [3]]


async def test_what_keeps_failing_raises_for_its_own_sender_alone():
    def fail(value, call):
        return Outcome(QueueUnavailable(), retry=True) if value == 1 else Outcome()

    calls = Calls(fail)
    gatherer = Gatherer(calls)
    results = await asyncio.gather(
        *(gatherer.add(Entry(i)) for i in range(3)), return_exceptions=True
    )
    assert results[0] is None
    assert isinstance(results[1], QueueUnavailable)
    assert results[2] is None
    assert len(calls.batches) == ATTEMPTS


async def test_a_fault_of_the_sender_is_not_tried_again():
    calls = Calls(lambda value, call: Outcome(ValueError("bad")))
    with pytest.raises(ValueError, match="bad"):
        await Gatherer(calls).add(Entry(1))
    assert len(calls.batches) == 1


async def test_a_call_that_fails_as_a_whole_is_tried_again():
    class Flaky(Calls):
        async def __call__(self, entries):
            outcomes = await super().__call__(entries)
            if len(self.batches) == 1:
                raise QueueUnavailable
            return outcomes

    calls = Flaky()
    await Gatherer(calls).add_many([Entry(1), Entry(2)])
    assert calls.batches == [[1, 2], [1, 2]]


async def test_drain_sends_what_still_waits():
    calls = Calls()
    gatherer = Gatherer(calls)
    waiting = asyncio.create_task(gatherer.add(Entry("last", patience=60)))
    await asyncio.sleep(0)
    await gatherer.drain()
    assert calls.batches == [["last"]]
    await waiting


async def test_a_canceled_caller_does_not_disturb_the_others():
    calls = Calls()
    gatherer = Gatherer(calls)
    gone = asyncio.create_task(gatherer.add(Entry("gone")))
    stays = asyncio.create_task(gatherer.add(Entry("stays")))
    await asyncio.sleep(0)
    gone.cancel()
    await stays


class Jam(Calls):
    """A batch call that hangs until it is let go."""

    def __init__(self):
        super().__init__()
        self.opened = asyncio.Event()

    async def __call__(self, entries):
        await self.opened.wait()
        return await super().__call__(entries)


async def gives_up(gatherer, value):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await gatherer.add(Entry(value, weight=BATCH_BYTES // 100))


async def test_what_nobody_waits_for_any_more_is_not_kept_and_not_sent():
    jam = Jam()
    gatherer = Gatherer(jam)
    for _ in range(10):
        await asyncio.gather(*(gives_up(gatherer, "given up") for _ in range(100)))
    assert len(gatherer._waiting) <= 2 * 100
    taken = sum(each.weight for batch in gatherer._waiting for each in [batch.entry])
    assert gatherer._weight == taken
    live = asyncio.create_task(gatherer.add(Entry("live", weight=7)))
    await asyncio.sleep(0)
    jam.opened.set()
    await live
    await gatherer.drain()
    values = [value for batch in jam.batches for value in batch]
    assert values.count("given up") == 10 * MOST  # those whose calls were open
    assert jam.batches[-1] == ["live"]
    assert gatherer._weight == 0


async def test_what_is_delivered_goes_though_nobody_waits_for_it():
    jam = Jam()
    gatherer = Gatherer(jam)
    await asyncio.gather(*(gives_up(gatherer, "given up") for _ in range(10 * MOST)))
    leaving = asyncio.create_task(gatherer.deliver(Entry("goes")))
    await asyncio.sleep(0)
    leaving.cancel()
    jam.opened.set()
    await gatherer.drain()
    assert jam.batches[-1] == ["goes"]


async def test_what_nobody_waits_for_any_more_is_not_tried_again():
    calls = Calls(lambda value, call: Outcome(QueueUnavailable(), retry=True))
    gatherer = Gatherer(calls)
    trying = asyncio.create_task(gatherer.add(Entry("given up")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    trying.cancel()
    await gatherer.drain()
    assert calls.batches == [["given up"]]


async def test_drain_sends_what_comes_meanwhile_too():
    jam = Jam()
    gatherer = Gatherer(jam)
    first = asyncio.create_task(gatherer.add(Entry("first")))
    await asyncio.sleep(0)
    draining = asyncio.create_task(gatherer.drain())
    await asyncio.sleep(0)
    second = asyncio.create_task(gatherer.add(Entry("second", patience=60)))
    await asyncio.sleep(0)
    jam.opened.set()
    async with asyncio.timeout(5):
        await draining
    assert jam.batches == [["first"], ["second"]]
    await asyncio.gather(first, second)
