"""Bulk jobs that are begun twice: by a replica that died, by two at once, after a deletion."""

import asyncio

import pytest

from api.bulk.manifest import Wanted
from tests.unit.api.bulk.offices import CLIENT, TEMPLATE, Bucket, Office
from wire.bulk import fresh_id
from wire.errors import JobExists, JobNotFound, QueueUnavailable
from wire.memory import MemoryStore


@pytest.fixture
def store():
    return MemoryStore()


async def urls(office, bulk):
    job = await office.books.find(bulk)
    return [row.url for at in range(job.pieces) for row in await office.books.rows(job, at)]


def wanted(*names):
    return [Wanted(f"https://example.com/{name}") for name in names]


async def test_a_list_that_reads_otherwise_by_now_changes_no_row(store):
    bucket, bulk = Bucket(["b", "c"]), fresh_id()
    one, other = Office(store, bucket), Office(store, bucket)
    one.desk.away = True
    with pytest.raises(QueueUnavailable):
        await one.service.submit_prefix(bulk, "s3://inputs/", TEMPLATE, CLIENT)
    bucket.found.append("a")
    told = await other.service.submit_prefix(bulk, "s3://inputs/", TEMPLATE, CLIENT)
    assert told.rows == 2
    assert await urls(other, bulk) == ["s3://inputs/b", "s3://inputs/c"]
    assert [each.kind for each in other.desk.chores] == ["bulk-feed", "bulk-finish"]


async def test_of_two_that_write_at_once_one_list_stands_with_its_own_refusals(store):
    one, other, bulk = Office(store), Office(store), fresh_id()
    put_new, both, first = store.put_new, asyncio.Event(), asyncio.Event()
    waiting = []

    async def together(key, data):
        # Both have written their lists; then the first of them says so first.
        if not key.endswith("job.json"):
            return await put_new(key, data)
        if waiting:
            both.set()
            await first.wait()
            return await put_new(key, data)
        waiting.append(key)
        await both.wait()
        done = await put_new(key, data)
        first.set()
        return done

    store.put_new = together
    lists = (wanted("a", "b"), [Wanted("no address"), *wanted("b")])
    told = await asyncio.gather(
        *(
            office.service.submit(bulk, rows, TEMPLATE, CLIENT)
            for office, rows in zip((one, other), lists, strict=True)
        )
    )
    assert told[0] == told[1]
    job = await one.books.find(bulk)
    found = await urls(one, bulk)
    assert found in [[each.url for each in rows] for rows in lists]
    assert job.refused == found.count("no address")
    for office in (one, other):
        tally = await office.counts.tally(job, 0)
        assert (tally.done, tally.has(0)) == (job.refused, job.refused == 1)
        assert len(await office.books.parts(job)) == job.refused


async def test_another_clients_job_is_not_begun_again(store):
    office, bulk = Office(store), fresh_id()
    await office.service.submit(bulk, wanted("a"), TEMPLATE, CLIENT)
    stranger = type(CLIENT)(name="b", group="h")
    with pytest.raises(JobNotFound):
        await office.service.submit(bulk, wanted("a"), TEMPLATE, stranger)


async def test_a_retry_that_was_deleted_does_not_begin_again_nor_take_a_place(store):
    office, other, bulk = Office(store), Office(store), fresh_id()
    await office.service.submit(bulk, wanted("a"), TEMPLATE, CLIENT)
    await office.service.cancel(bulk, CLIENT.name)
    await office.take("bulk-finish")
    retried = (await office.service.retry(bulk, CLIENT)).uuid
    assert (await other.service.retry(bulk, CLIENT)).uuid == retried
    await office.service.delete(retried, CLIENT.name)
    for each in (office, other):
        each.desk.chores.clear()
        with pytest.raises(JobExists):
            await each.service.retry(bulk, CLIENT)
        assert each.desk.chores == []
    assert await store.keys("bulk/open/") == []
