"""What the tests of bulk jobs share: one replica's parts over a store, its chores left in a list."""

from types import SimpleNamespace

from api.bulk.books import Books
from api.bulk.counts import Counts
from api.bulk.erasing import Eraser
from api.bulk.errands import Errands
from api.bulk.finishing import Finisher
from api.bulk.kept import Outcome, parts_prefix
from api.bulk.open import Unfinished
from api.bulk.service import Bulk
from wire import urls
from wire.errors import QueueUnavailable
from wire.inputs import parse
from wire.messages import Job
from wire.queues import Received

MOST = 2  # unfinished jobs of a client
CLIENT = SimpleNamespace(name="a", group="g")
TEMPLATE = Job(uuid="t", image_url="", reply_to="q", deadline=1000.0)


def received(times=1, age=0.0):
    return Received("", "m", "r", times, 0.0, age)


class Bucket:
    """Somebody's pictures, as `wire.inputs.Inputs` lists them."""

    def __init__(self, found=()):
        self.found = list(found)

    def check(self, url):
        return parse(url)

    async def keys(self, prefix, most):
        return sorted(self.found)[: most + 1]


class Desk:
    """Keeps chores; `away` says that their queue cannot be reached."""

    def __init__(self):
        self.chores, self.away = [], False

    async def put(self, chore):
        if self.away:
            raise QueueUnavailable
        self.chores.append(chore)


class Office:
    """A replica that takes bulk jobs and finishes them."""

    def __init__(self, store, bucket=None, now=0.0):
        self.now, self.desk, self.told = now, Desk(), []
        self.books, self.counts = Books(store), Counts(store)
        unfinished = Unfinished(store, self.books, MOST, self.clock)
        self.service = Bulk(
            store,
            self.books,
            self.counts,
            Errands(self.desk),
            unfinished,
            bucket or Bucket(),
            urls.check,
            self.outlook,
            self.clock,
        )
        self.eraser = Eraser(self.books, self.counts, unfinished, self.clock)
        self.finisher = Finisher(
            store, self.books, self.counts, unfinished, self.table, self.ended, self.clock
        )

    def clock(self):
        return self.now

    async def outlook(self, rows):
        return None

    async def table(self, lines):
        return None

    async def ended(self, job):
        self.told.append(job.uuid)

    async def take(self, kind, times=1, age=0.0):
        """Do all chores of a kind that have been left."""
        mine = [each for each in self.desk.chores if each.kind == kind]
        self.desk.chores = [each for each in self.desk.chores if each.kind != kind]
        done = {"bulk-finish": self.finisher.finish, "bulk-erase": self.eraser.erase}[kind]
        for each in mine:
            await done(each, received(times, age))


async def answered(store, bulk, rows, name, error=None):
    """A part with outcomes of these rows."""
    lines = [Outcome(row=row, at=10.0 + row, result="cat", error=error).line() for row in rows]
    await store.put(f"{parts_prefix(bulk)}{name}", "\n".join(lines).encode())
