"""Records travel together, and nobody goes on before theirs is stored."""

import asyncio
from datetime import UTC, datetime

import pytest

from wire.errors import QueueUnavailable
from wire.memory import MemoryStore
from worker.records import Records

HOUR = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class CountingStore(MemoryStore):
    def __init__(self, failures=0):
        super().__init__()
        self.puts, self.failures = [], failures

    async def put(self, key, data, content_type="application/json"):
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise QueueUnavailable
        self.puts.append((key, data, content_type))


async def test_lines_that_come_together_are_put_together():
    store = CountingStore()
    records = Records(store, seconds=0.02, now=lambda: HOUR)
    await asyncio.gather(*(records.add(f"line {at}") for at in range(5)))
    ((key, data, kind),) = store.puts
    assert data == b"line 0\nline 1\nline 2\nline 3\nline 4\n"
    assert key.startswith("records/2026/11/21/09/")
    assert key.endswith(".jsonl")
    assert kind == "application/x-ndjson"


async def test_a_full_batch_does_not_wait():
    store = CountingStore()
    records = Records(store, seconds=60, lines=4)
    await asyncio.wait_for(asyncio.gather(*(records.add("x") for _ in range(8))), 1)
    assert [data.count(b"\n") for _, data, _ in store.puts] == [4, 4]
    assert len({key for key, _, _ in store.puts}) == 2


async def test_a_lone_line_waits_its_time_and_no_more():
    store = CountingStore()
    records = Records(store, seconds=0.05)
    adding = asyncio.create_task(records.add("x"))
    await asyncio.sleep(0.02)
    assert not store.puts
    await asyncio.wait_for(adding, 1)


async def test_a_line_in_haste_takes_the_others_along():
    store = CountingStore()
    records = Records(store, seconds=60)
    waiting = asyncio.create_task(records.add("slow"))
    await asyncio.sleep(0)
    await asyncio.wait_for(records.add_now("fast"), 1)
    await asyncio.wait_for(waiting, 1)
    assert [data for _, data, _ in store.puts] == [b"slow\nfast\n"]


async def test_everybody_hears_of_a_failure_and_may_try_again():
    store = CountingStore(failures=1)
    records = Records(store, seconds=0.01)
    results = await asyncio.gather(*(records.add("x") for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in results] == [QueueUnavailable] * 3
    await records.add("x")
    assert len(store.puts) == 1


async def test_one_that_left_harms_no_other():
    store = CountingStore()
    records = Records(store, seconds=0.02)
    leaving = asyncio.create_task(records.add("gone"))
    staying = asyncio.create_task(records.add("here"))
    await asyncio.sleep(0)
    leaving.cancel()
    await staying
    with pytest.raises(asyncio.CancelledError):
        await leaving
