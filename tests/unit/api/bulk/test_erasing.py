"""Deleted bulk jobs, by replicas that die in between, and with rows that come afterwards."""

import pytest

from api.bulk.erasing import SLOWEST
from api.bulk.errands import ERASE, FINISH
from api.bulk.manifest import Wanted
from api.chores.consumer import Later
from tests.unit.api.bulk.offices import CLIENT, TEMPLATE, Office, answered
from wire.bulk import fresh_id, verdict_key
from wire.errors import JobNotFound
from wire.memory import MemoryStore


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def office(store):
    return Office(store)


@pytest.fixture
async def bulk(office):
    bulk = fresh_id()
    rows = [Wanted(f"https://example.com/{row}") for row in range(3)]
    await office.service.submit(bulk, rows, TEMPLATE, CLIENT)
    return bulk


class Killed(Exception):
    """Of the replica."""


async def swept(office, **about):
    """Do the chore, which comes again: it is left as it was."""
    (chore,) = [each for each in office.desk.chores if each.kind == ERASE]
    try:
        await office.take(ERASE, **about)
    except Later:
        office.desk.chores.append(chore)
        return False
    return True


@pytest.mark.parametrize("dies", ["before the word", "after the word"])
async def test_a_replica_that_dies_while_it_deletes_leaves_all_or_nothing(
    store, office, bulk, dies
):
    before, strike = await store.keys("bulk/"), office.books.strike

    async def struck(which):
        if dies == "after the word":
            await strike(which)
        raise Killed

    office.books.strike = struck
    with pytest.raises(Killed):
        await office.service.delete(bulk, CLIENT.name)
    if dies == "before the word":
        assert not await swept(office, age=SLOWEST)
        assert await swept(office, age=SLOWEST + 1)
        assert await store.keys("bulk/") == before
        assert (await office.service.status(bulk, CLIENT.name)).status == "queued"
        return
    assert not await swept(office)
    assert await store.keys("bulk/") == [verdict_key(bulk)]  # nor an entry among the unfinished


async def test_what_comes_after_the_deletion_goes_as_well(store, office, bulk):
    until = (await office.books.find(bulk)).until
    await office.service.delete(bulk, CLIENT.name)
    assert not await swept(office)
    await answered(store, bulk, range(3), "late")
    await office.books.fed(bulk, 0)
    assert not await swept(office, times=2)
    assert await store.keys("bulk/") == [verdict_key(bulk)]
    assert not await swept(office, times=3)
    office.now = until + 31
    await answered(store, bulk, range(3), "latest")
    assert not await swept(office, times=4)
    assert await swept(office, times=5)
    assert await store.keys("bulk/") == [verdict_key(bulk)]


async def test_results_that_are_written_while_it_is_deleted_go_as_well(store, office, bulk):
    await answered(store, bulk, range(3), "all")

    async def meanwhile(text):
        await office.service.delete(bulk, CLIENT.name)
        assert not await swept(office)

    office.finisher._table = meanwhile
    await office.take(FINISH)
    assert (await office.books.verdict(bulk)).state == "deleted"
    assert not await swept(office, times=2)
    assert await store.keys("bulk/") == [verdict_key(bulk)]
    with pytest.raises(JobNotFound):
        await office.service.status(bulk, CLIENT.name)


async def test_of_a_job_whose_rows_have_all_come_no_more_is_awaited(store, office, bulk):
    await answered(store, bulk, range(3), "all")
    await office.take(FINISH)
    await office.service.delete(bulk, CLIENT.name)
    office.now = 31.0
    assert not await swept(office)
    assert await swept(office, times=2)
