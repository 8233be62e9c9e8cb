"""Singles become batches, and only what failed is tried again."""

import asyncio

import pytest

from wire.errors import QueueUnavailable
from wire.gather import ATTEMPTS, BATCH_BYTES, Entry, Gatherer, Outcome


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
