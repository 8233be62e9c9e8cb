"""Results before the end: as they are, a piece at a time, and for few at once."""

import json
from types import SimpleNamespace

import pytest

from api.bulk.kept import PIECE
from api.bulk.manifest import Wanted
from api.bulk.service import READERS
from tests.unit.api.bulk.offices import CLIENT, TEMPLATE, Office, answered
from wire.bulk import fresh_id
from wire.errors import Overloaded, RateLimited
from wire.memory import MemoryStore

ROWS = 2 * PIECE + 10
HALF = range(0, ROWS, 2)


@pytest.fixture
async def begun():
    """An office, and a job of whose rows every other has an outcome."""
    store, bulk = MemoryStore(), fresh_id()
    office = Office(store)
    rows = [Wanted(f"https://example.com/{row}") for row in range(ROWS)]
    await office.service.submit(bulk, rows, TEMPLATE, CLIENT)
    await answered(store, bulk, HALF, "a")
    await answered(store, bulk, HALF[:9], "b")
    return office.service, bulk


async def test_a_line_a_row_that_has_an_outcome_and_not_all_at_once(begun):
    service, bulk = begun
    stretches = [each async for each in await service.results_so_far(bulk, CLIENT)]
    assert [json.loads(line)["row"] for line in b"".join(stretches).splitlines()] == [*HALF]
    assert max(map(len, stretches)) < sum(map(len, stretches)) * 2 / 3


async def test_one_reads_at_a_time_until_it_has_all_or_goes(begun):
    service, bulk = begun
    lines = await service.results_so_far(bulk, CLIENT)
    with pytest.raises(RateLimited):
        await service.results_so_far(bulk, CLIENT)
    assert [each async for each in lines]
    gone = await service.results_so_far(bulk, CLIENT)
    await anext(gone)
    await gone.aclose()
    await (await service.results_so_far(bulk, CLIENT)).aclose()


async def test_no_more_read_at_once_than_may(begun):
    service, bulk = begun

    def read(group):
        return service.results_so_far(bulk, SimpleNamespace(name=CLIENT.name, group=group))

    reading = [await read(f"group {at}") for at in range(READERS)]
    with pytest.raises(Overloaded):
        await read("one more")
    for each in reading:
        await each.aclose()
