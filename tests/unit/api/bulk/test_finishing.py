"""The chores of bulk jobs, done twice, by two replicas, and out of order: what stands is the same."""

import json

import pytest

from api.bulk.books import Books
from api.bulk.counts import Counts
from api.bulk.errands import FINISH, OfBulk
from api.bulk.finishing import Finisher
from api.bulk.kept import BulkJob, Outcome, Row, parts_prefix
from api.bulk.open import Unfinished
from api.bulk.progress import under_way
from api.chores.consumer import Later
from wire.bulk import fresh_id
from wire.errors import JobNotFound, RateLimited
from wire.memory import MemoryStore
from wire.messages import Chore, ErrorBody, Job
from wire.queues import Received

ROWS, UNTIL = 8, 1000.0
RECEIVED = Received("", "m", "r", 1, 0.0, 0.0)


class Replica:
    """One replica's parts over a store that it shares."""

    def __init__(self, store, now=0.0):
        self.now = now
        self.told = []
        self.books, self.counts = Books(store), Counts(store)
        self.finisher = Finisher(
            store,
            self.books,
            self.counts,
            Unfinished(store, self.books, 2, self.clock),
            self.table,
            self.ended,
            self.clock,
        )

    def clock(self):
        return self.now

    async def table(self, lines):
        return None

    async def ended(self, job):
        self.told.append(job.uuid)

    async def finish(self, bulk):
        await self.finisher.finish(Chore.of(FINISH, OfBulk(bulk=bulk)), RECEIVED)


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
async def job(store):
    bulk = fresh_id()
    template = Job(uuid=bulk, image_url="", reply_to="q", order=bulk)
    about = {"listing": "a", "template": template, "submitted": 0.0, "until": UNTIL}
    made = BulkJob(uuid=bulk, rows=ROWS, **about)
    rows = [Row(row=row, url=f"https://example.com/{row}") for row in range(ROWS)]
    await Books(store).write(made, rows)
    return made


async def answered(store, job, rows, name, error=None):
    lines = [Outcome(row=row, at=10.0 + row, result="cat", error=error).line() for row in rows]
    await store.put(f"{parts_prefix(job.uuid)}{name}", "\n".join(lines).encode())


async def results(store, job):
    (key,) = await store.keys(f"bulk/{job.uuid}/results/")
    return [json.loads(line) for line in (await store.get(key)).splitlines()]


async def test_no_end_before_the_last_row_and_one_end_after_it(store, job):
    one, other = Replica(store), Replica(store)
    await answered(store, job, range(ROWS - 1), "a")
    for replica in (one, other):
        with pytest.raises(Later):
            await replica.finish(job.uuid)
    await answered(store, job, [2, ROWS - 1], "b")
    for replica in (one, other, one):
        await replica.finish(job.uuid)
    assert [line["row"] for line in await results(store, job)] == list(range(ROWS))
    verdicts = [await replica.books.verdict(job.uuid) for replica in (one, other)]
    assert [verdict.state for verdict in verdicts] == ["succeeded"] * 2
    assert one.told == [job.uuid] * 2  # at least once: whoever tells counts


@pytest.mark.parametrize("first", ["canceled", "expired"])
async def test_a_verdict_that_stands_is_not_replaced(store, job, first):
    one, other = Replica(store), Replica(store, now=UNTIL + 31)
    await answered(store, job, [1, 3], "a")
    if first == "canceled":
        await one.books.decide(job.uuid, "canceled")
    await other.finish(job.uuid)
    assert (await one.books.decide(job.uuid, "canceled")).state == first
    await answered(store, job, range(ROWS), "late")
    await one.finish(job.uuid)
    codes = [line.get("error", {}).get("code") for line in await results(store, job)]
    assert codes == [None if row in (1, 3) else f"job_{first}" for row in range(ROWS)]
    summary = await one.books.summary(job.uuid)
    assert (summary.succeeded, summary.failed) == (2, ROWS - 2)


async def test_all_rows_failed_is_a_failure(store, job):
    broken = ErrorBody(code="invalid_image", message="broken")
    await answered(store, job, range(ROWS), "a", broken)
    replica = Replica(store)
    await replica.finish(job.uuid)
    assert (await replica.books.verdict(job.uuid)).state == "failed"


async def test_a_deleted_job_is_not_finished_and_not_found(store, job):
    replica, other = Replica(store), Replica(store)
    await other.books.find(job.uuid)
    await replica.books.strike(job.uuid)
    await answered(store, job, range(ROWS), "a")
    await other.finish(job.uuid)
    assert await store.keys(f"bulk/{job.uuid}/results/") == []
    with pytest.raises(JobNotFound):
        await other.books.known(job.uuid, "")
    await replica.books.erase(job.uuid)
    assert await store.keys(f"bulk/{job.uuid}/") == [f"bulk/{job.uuid}/verdict.json"]


async def test_two_replicas_agree_on_progress_whatever_each_has_read_before(store, job):
    replicas = [Replica(store), Replica(store)]
    parts = [[0, 1], [1, 2, 3], [3], [4, 5, 6]]
    for at, rows in enumerate(parts):
        broken = ErrorBody(code="invalid_image", message="broken") if at == 2 else None
        await answered(store, job, rows, f"{at}", broken)
        if at % 2:
            await replicas[0].counts.tally(job, 0)
    tallies = [await replica.counts.tally(job, 0) for replica in replicas]
    shown = [under_way(job, tally) for tally in tallies]
    assert shown[0] == shown[1]
    assert (shown[0].status, shown[0].done, shown[0].failed) == ("running", 7, 0)


async def test_a_client_has_so_many_unfinished_jobs_and_no_more(store, job):
    unfinished = Unfinished(store, Books(store), 2, lambda: 0.0)
    mine = [job.model_copy(update={"uuid": f"bulk-{at}", "client": "a"}) for at in range(3)]
    for each in mine[:2]:
        await unfinished.enter(each)
    await unfinished.enter(mine[0])  # again, after its answer was lost
    with pytest.raises(RateLimited):
        await unfinished.enter(mine[2])
    await unfinished.enter(mine[2].model_copy(update={"client": "b"}))
    await unfinished.leave(mine[1])
    await unfinished.enter(mine[2])
