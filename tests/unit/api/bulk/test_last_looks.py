"""Whoever stores the last part of a bulk job sees that it was the last, whenever it comes."""

import asyncio

from api.bulk.counts import Counts
from api.bulk.kept import BulkJob
from api.bulk.outcomes import Outcomes
from api.bulk.parts import LINES
from wire.bulk import fresh_id, row_id
from wire.memory import MemoryStore
from wire.messages import Answer
from wire.queues import Received

RECEIVED = Received("", "m", "r", 1, 5.0, 0.0)
ROWS = 2 * LINES
STEPS = 60  # of the event loop: more than a look and its end take


class Told(list):
    """Errands that are remembered only."""

    async def finish(self, bulk):
        self.append(bulk)


class Half:
    """A replica that has kept the first half of a bulk job's rows."""

    def __init__(self, pause):
        store = MemoryStore()
        self.told, self.bulk = Told(), fresh_id()
        self.outcomes = Outcomes(store, self, Counts(store), self.told, pause)

    async def find(self, bulk):
        return BulkJob.model_construct(uuid=bulk, rows=ROWS)

    async def keep(self, half):
        rows = range(half * LINES, (half + 1) * LINES)
        await asyncio.gather(*(self.outcomes.keep(self.answer(row), RECEIVED) for row in rows))

    def answer(self, row):
        return Answer(uuid=row_id(self.bulk, row), image_url="", result="cat", order=self.bulk)


async def test_a_part_that_comes_at_any_step_of_a_look_is_looked_at():
    lost = []
    for after in range(STEPS):
        half = Half(pause=0)
        await half.keep(0)
        for _ in range(after):
            await asyncio.sleep(0)
        await half.keep(1)
        for _ in range(STEPS):
            await asyncio.sleep(0)
        if not half.told:
            lost.append(after)
    assert lost == []


async def test_a_replica_that_goes_does_not_wait_for_its_next_look():
    half = Half(pause=3600)
    await half.keep(0)
    await asyncio.sleep(0.05)
    await half.keep(1)
    assert half.told == []
    await half.outcomes.stop()
    assert half.told == [half.bulk]
