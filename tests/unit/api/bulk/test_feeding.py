"""Ten thousand rows on their way: nobody who waits for one picture waits behind them."""

import asyncio
from types import SimpleNamespace

import pytest

from api.bulk.books import Books
from api.bulk.counts import Counts
from api.bulk.errands import FEED, Errands, Feed
from api.bulk.feeding import SLICE, Feeder
from api.bulk.kept import PIECE, BulkJob, Row
from api.chores.desk import Desk
from wire import tracing
from wire.bulk import fresh_id, row_id
from wire.gather import Entry, Gatherer, Outcome
from wire.memory import MemoryStore
from wire.messages import Chore, Job
from wire.queues import Received
from wire.settings import Settings

RECEIVED = Received("", "m", "r", 1, 0.0, 0.0)
WAITED_FOR = "a picture that somebody waits for"


class Requests:
    """The queue's sending half: gathered as SQS's is, a moment a call."""

    def __init__(self):
        self.sent = []
        self.carried = {}
        self._gatherer = Gatherer(self._flush)

    async def send(self, body, group=None):
        await self._gatherer.add(self._entry(body))

    async def send_many(self, bodies, group=None):
        await self._gatherer.add_many([self._entry(body) for body in bodies])

    def _entry(self, body):
        if (carried := tracing.carried()) is not None:
            self.carried[Job.decode(body).uuid] = carried
        return Entry(body)

    async def _flush(self, entries):
        await asyncio.sleep(0.001)
        self.sent += [each.value for each in entries]
        return [Outcome()] * len(entries)

    def rows(self):
        return [Job.decode(body).uuid for body in self.sent if body != WAITED_FOR]


class Replica:
    """What feeds, over a store and a queue."""

    def __init__(self):
        self.requests, self.told = Requests(), []
        self.books = Books(store := MemoryStore())
        self.feeder = Feeder(self.books, Counts(store), self, self.told.append)

    async def lines(self, patience):
        return SimpleNamespace(shared=SimpleNamespace(requests=self.requests))

    async def job(self, rows):
        bulk = fresh_id()
        template = Job(uuid=bulk, image_url="", reply_to="q", order=bulk)
        about = {"listing": "first", "rows": rows, "submitted": 0.0, "until": 1.0}
        job = BulkJob(uuid=bulk, template=template, **about)
        return await self.books.write(
            job, [Row(row=at, url=f"https://h/{at}") for at in range(rows)]
        )

    def feed(self, job):
        chores = [Chore.of(FEED, Feed(bulk=job.uuid, piece=at)) for at in range(job.pieces)]
        return [asyncio.create_task(self.feeder.feed(each, RECEIVED)) for each in chores]


@pytest.fixture
def replica():
    return Replica()


async def test_a_picture_that_is_waited_for_overtakes_the_rows(replica):
    job = await replica.job(6 * PIECE)
    feeding = replica.feed(job)
    while len(replica.requests.sent) < PIECE:  # noqa: ASYNC110  in full swing
        await asyncio.sleep(0.001)
    before = len(replica.requests.sent)
    await replica.requests.send(WAITED_FOR)
    assert len(replica.requests.sent) - before <= 3 * SLICE
    await asyncio.gather(*feeding)
    assert sorted(replica.requests.rows()) == sorted(row_id(job.uuid, at) for at in range(job.rows))
    assert sum(replica.told) == job.rows
    assert all([await replica.books.is_fed(job.uuid, at) for at in range(job.pieces)])


async def test_a_small_job_is_fed_between_the_pieces_of_a_large_one(replica):
    large, small = await replica.job(6 * PIECE), await replica.job(3)
    feeding = replica.feed(large)
    await asyncio.sleep(0)
    await asyncio.gather(*replica.feed(small))
    assert len(replica.requests.rows()) < large.rows / 2
    await asyncio.gather(*feeding)


@pytest.fixture
def traced(tmp_path):
    """One request in a hundred is traced."""
    path = tmp_path / "spans.jsonl"
    tracing.begin("api", Settings(traces=str(path), traces_share=0.01))
    yield path
    tracing.end()


async def begun(job) -> list[str | None]:
    """What the chores of a new job take along."""
    taken = []

    class Lines(Desk):
        def __init__(self):
            pass

        async def put(self, chore):
            taken.append(tracing.carried())

    await Errands(Lines()).begin(job)
    return taken


async def test_of_a_large_bulk_jobs_rows_as_many_are_traced_as_of_requests(replica, traced):
    job = await replica.job(1000)
    (carried,) = set(await begun(job))  # its request was not traced
    assert carried is not None
    with tracing.continued("chores", carried):
        await asyncio.gather(*replica.feed(job))
    assert len(replica.requests.rows()) == 1000
    assert set(replica.requests.carried) == {row_id(job.uuid, at) for at in range(0, 1000, 100)}
    traces = {each.split("-")[1] for each in replica.requests.carried.values()}
    assert traces == {carried.split("-")[1]}


async def test_of_small_ones_few_are_traced_and_then_a_row(replica, traced):
    jobs = [await replica.job(4) for _ in range(400)]
    taken = [(await begun(job))[0] for job in jobs]
    assert 1 <= sum(each is not None for each in taken) <= 60  # 16 are to be expected
    job, carried = next((j, c) for j, c in zip(jobs, taken, strict=True) if c is not None)
    with tracing.continued("chores", carried):
        await asyncio.gather(*replica.feed(job))
    assert set(replica.requests.carried) == {row_id(job.uuid, 0)}


async def test_untraced_jobs_have_no_traced_rows(replica, traced):
    job = await replica.job(1000)
    await asyncio.gather(*replica.feed(job))
    assert replica.requests.carried == {}
