"""The parts of bulk jobs, wired once in each replica."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.bulk.books import Books
from api.bulk.counts import Counts
from api.bulk.desk import BulkDesk
from api.bulk.erasing import Eraser
from api.bulk.errands import ERASE, FEED, FINISH, Errands
from api.bulk.events import BulkEvents
from api.bulk.feeding import Feeder
from api.bulk.finishing import Finisher
from api.bulk.front import Front
from api.bulk.open import Unfinished
from api.bulk.outcomes import Outcomes
from api.bulk.service import Bulk, Outlook
from api.bulk.tabled import table
from api.bulk.telling import Telling
from api.chores.desk import Desk
from api.chores.handlers import Do
from api.chores.outcomes import Row
from api.connection import Connection
from api.errand import Options
from api.hooks.subjects import Find
from api.hooks.wiring import admission
from api.jobs.estimate import seconds
from api.jobs.outlook import Watch
from api.jobs.wiring import JobParts
from api.vocabulary import Vocabulary
from wire import urls
from wire.inputs import Allowed, Inputs
from wire.settings import ApiSettings
from wire.store import Store

if TYPE_CHECKING:
    from api.replica import Replica

OPENING = 10.0  # seconds that queues may take to open


@dataclass(frozen=True, slots=True)
class BulkJobs:
    """What requests are asked of, who does which chore, who keeps the rows, and what webhooks are told.

    `stop` is for after the last row that this replica keeps.
    """

    service: Bulk
    chores: Mapping[str, Do]
    row: Row
    subject: Find
    stop: Callable[[], Awaitable[None]]


def bulk_jobs(
    settings: ApiSettings, store: Store, connection: Connection, desk: Desk, jobs: JobParts
) -> BulkJobs:
    """All of it; `jobs` are the parts of single ones."""
    books, counts, errands = Books(store), Counts(store), Errands(desk)
    unfinished = Unfinished(store, books, settings.bulk_jobs)
    allowed = Allowed(settings.input_buckets, settings.bucket)
    inputs = Inputs(settings.region, allowed, settings.max_bytes)
    hosts = frozenset(settings.fetch_allow)
    service = Bulk(
        store,
        books,
        counts,
        errands,
        unfinished,
        inputs,
        lambda url: urls.check(url, hosts),
        _outlook(jobs.outlook),
    )

    telling = Telling(books, service, desk)
    finisher = Finisher(store, books, counts, unfinished, table, telling.ended)
    chores: Mapping[str, Do] = {
        FEED: Feeder(books, counts, connection, jobs.told).feed,
        FINISH: finisher.finish,
        ERASE: Eraser(books, counts, unfinished).erase,
    }
    rows = Outcomes(store, books, counts, errands)
    return BulkJobs(service, chores, rows.keep, telling.subject, rows.stop)


def bulk_desk(replica: "Replica", vocabulary: Vocabulary) -> BulkDesk:
    """What serves requests for them."""
    service, connection = replica.bulk.service, replica.connection

    async def check(options: Options) -> None:
        replica.models.check(options.model, options.model_version)
        await vocabulary.check(options)

    async def outcomes() -> str:
        return (await connection.lines(OPENING)).durable.outcomes.name

    admitting = admission(replica.settings, replica.store)
    front = Front(service, replica.claims, check, admitting, outcomes)
    return BulkDesk(
        front, service, BulkEvents(replica.jobs.following, service, replica.operating.lasting)
    )


def _outlook(watch: Watch) -> Outlook:
    async def ahead(rows: int) -> float | None:
        crew = (await watch.now()).crew
        found = None if crew is None else seconds(max(0, rows - 1), crew)
        return None if found is None else round(found, 1)

    return ahead
