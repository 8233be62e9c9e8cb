"""Rows' outcomes share PUTs, and none is thought stored that is not."""

import asyncio
from dataclasses import replace

import pytest

from api.bulk.books import Books
from api.bulk.counts import Counts
from api.bulk.kept import parts_prefix
from api.bulk.outcomes import Outcomes
from api.bulk.parts import LINES, Parts
from api.chores.consumer import Later
from api.chores.wiring import ROOM_FOR_OUTCOMES
from wire.bulk import fresh_id, row_id
from wire.errors import QueueUnavailable
from wire.memory import MemoryStore
from wire.messages import Answer
from wire.queues import Received
from wire.topology import CHORE_RECEIVES

RECEIVED = Received("", "m", "r", 1, 5.0, 0.0)


class Away(MemoryStore):
    """Cannot be reached."""

    async def put(self, key, data, content_type="application/json"):
        raise QueueUnavailable


async def test_a_full_part_goes_at_once_and_the_rest_after_a_moment():
    store, told, bulk = MemoryStore(), [], fresh_id()
    parts = Parts(store, lambda *part: told.append(part), seconds=0.05)
    lines = [f"line {at}" for at in range(LINES + 3)]
    await asyncio.gather(*(parts.add(bulk, line) for line in lines))
    keys = await store.keys(parts_prefix(bulk))
    kept = [(await store.get(key)).decode().splitlines() for key in keys]
    assert sorted(map(len, kept)) == [3, LINES]
    assert sorted(line for part in kept for line in part) == sorted(lines)
    assert {key for _, key, _ in told} == set(keys)


async def test_bulk_jobs_do_not_share_parts():
    store, bulks = MemoryStore(), [fresh_id(), fresh_id()]
    parts = Parts(store, lambda *_: None, seconds=0.01)
    await asyncio.gather(*(parts.add(bulk, bulk) for bulk in bulks for _ in range(3)))
    for bulk in bulks:
        (key,) = await store.keys(parts_prefix(bulk))
        assert (await store.get(key)).decode() == f"{bulk}\n" * 3


async def test_rows_that_are_not_stored_come_again():
    store, bulk = Away(), fresh_id()
    outcomes = Outcomes(store, Books(store), Counts(store), errands=None)

    def answer(row):
        return Answer(uuid=row_id(bulk, row), image_url="https://a.example/", order=bulk)

    kept = (outcomes.keep(answer(row), RECEIVED) for row in range(3))
    ends = await asyncio.gather(*kept, return_exceptions=True)
    assert [type(end) for end in ends] == [Later] * 3


async def test_no_row_is_set_aside_while_the_store_is_away_for_hours():
    store, bulk = Away(), fresh_id()
    outcomes = Outcomes(store, Books(store), Counts(store), errands=None)

    async def tried(receives):
        answer = Answer(uuid=row_id(bulk, receives), image_url="", order=bulk)
        with pytest.raises(Later) as later:
            await outcomes.keep(answer, replace(RECEIVED, receive_count=receives))
        return later.value.seconds

    seconds = await asyncio.gather(*(tried(at) for at in range(1, CHORE_RECEIVES)))
    assert seconds[0] <= 3  # a store that was away for a moment holds nothing up
    assert sum(seconds) > 6 * 3600


async def test_an_answer_that_is_no_rows_is_let_go():
    store = MemoryStore()
    outcomes = Outcomes(store, Books(store), Counts(store), errands=None)
    await outcomes.keep(Answer(uuid="another", image_url="", order="bulk-x"), RECEIVED)
    assert await store.keys("") == []


def test_a_full_part_is_what_the_consumer_has_room_for():
    # With less, no part were ever full, and every PUT came by its timer.
    assert ROOM_FOR_OUTCOMES >= LINES + 10
