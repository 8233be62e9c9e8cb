"""Places of a client's unfinished jobs: what failed or died while it began does not keep one."""

import pytest

from api.bulk.manifest import Wanted
from api.bulk.open import SLOWEST
from tests.unit.api.bulk.offices import CLIENT, MOST, TEMPLATE, Office
from wire.bulk import fresh_id
from wire.errors import QueueUnavailable, RateLimited
from wire.memory import MemoryStore

ROWS = [Wanted("https://example.com/a")]


class Killed(Exception):
    """Of the replica."""


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(clock):
    return MemoryStore(clock)


async def begin(office):
    bulk = fresh_id()
    await office.service.submit(bulk, ROWS, TEMPLATE, CLIENT)
    return bulk


async def test_jobs_that_could_not_begin_take_no_places(store):
    office = Office(store)
    for _ in range(MOST + 1):
        office.desk.away = True
        with pytest.raises(QueueUnavailable):
            await begin(office)
    office.desk.away = False
    for _ in range(MOST):
        await begin(office)
    with pytest.raises(RateLimited):
        await begin(office)


@pytest.mark.parametrize("put", ["manifest", "job.json"])
async def test_a_replica_that_dies_while_it_begins_a_job_takes_its_place_for_minutes(
    store, clock, put
):
    killed = Office(store)

    async def gone(job):
        raise Killed

    killed.service._beginning._unfinished.leave = gone  # nothing of it runs any more
    keep, keep_new = store.put, store.put_new

    async def die(key, *data):
        if put in key:
            raise Killed
        return await (keep_new if key.endswith("job.json") else keep)(key, *data)

    store.put = store.put_new = die
    for _ in range(MOST):
        with pytest.raises(Killed):
            await begin(killed)
    store.put, store.put_new = keep, keep_new
    office = Office(store)
    with pytest.raises(RateLimited):
        await begin(office)
    clock.now = SLOWEST
    for _ in range(MOST):
        await begin(office)


async def test_jobs_whose_deadline_has_passed_or_that_have_ended_take_no_places(store):
    office = Office(store)
    ended, late = await begin(office), await begin(office)
    with pytest.raises(RateLimited):
        await begin(office)
    await office.books.strike(ended)  # and whoever did, died
    await begin(office)
    with pytest.raises(RateLimited):
        await begin(office)
    office.now = (await office.books.find(late)).until + 31
    await begin(office)
