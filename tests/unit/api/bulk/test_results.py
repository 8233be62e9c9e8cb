"""Results of a job that was ended from outside: rows still come, and what was told stays as it was."""

import json

import pytest

from api.bulk.manifest import Wanted
from tests.unit.api.bulk.offices import CLIENT, TEMPLATE, Office, answered
from wire.bulk import fresh_id
from wire.memory import MemoryStore

ROWS = 6


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
async def bulk(store):
    """A job that was canceled when three of its rows had come."""
    office, bulk = Office(store), fresh_id()
    rows = [Wanted(f"https://example.com/{row}", f"p{row}") for row in range(ROWS)]
    await office.service.submit(bulk, rows, TEMPLATE, CLIENT)
    await answered(store, bulk, range(3), "early")
    await office.books.decide(bulk, "canceled")
    return bulk


async def lines(office, bulk):
    size, stretches = await office.service.results(bulk, CLIENT.name, "jsonl")
    text = b"".join([stretch async for stretch in stretches])
    assert len(text) == size
    return [json.loads(line) for line in text.splitlines()]


async def finish(office, bulk):
    await office.service.cancel(bulk, CLIENT.name)
    await office.take("bulk-finish")


@pytest.mark.parametrize("late", [1, 3])  # of them all are three
async def test_what_the_results_call_failed_is_tried_again(store, bulk, late):
    office = Office(store)
    await finish(office, bulk)
    await answered(store, bulk, range(3, 3 + late), "late")
    told = await office.service.retry(bulk, CLIENT)
    assert (told.rows, told.retry_of) == (3, bulk)
    rows = await office.books.rows(await office.books.find(told.uuid), 0)
    assert [(row.was, row.id) for row in rows] == [(3, "p3"), (4, "p4"), (5, "p5")]


async def test_of_two_that_write_results_at_once_one_counts(store, bulk):
    one, other = Office(store), Office(store)

    async def meanwhile(text):
        # One has its rows; now more come, and another is asked for the same and is done first.
        await answered(store, bulk, range(3, 5), "late")
        await finish(other, bulk)
        return b"a table"

    one.finisher._table = meanwhile
    await finish(one, bulk)
    for office in (one, other):
        codes = [line.get("error", {}).get("code") for line in await lines(office, bulk)]
        assert codes == [None] * 5 + ["job_canceled"]
        told = await office.service.status(bulk, CLIENT.name)
        assert (told.succeeded, told.failed, told.results) == (5, 1, ("jsonl",))
    assert len(await store.keys(f"bulk/{bulk}/results/")) == 1
