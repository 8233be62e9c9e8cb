"""Who does what: the one place where kinds of chores, and the rows of bulk jobs, get their handlers."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.bulk.wiring import BulkJobs
from api.chores.consumer import Consumer
from api.chores.desk import WEBHOOK, Desk
from api.chores.handlers import Chores, Do
from api.chores.outcomes import Outcomes
from api.connection import Connection
from api.hooks.single import SingleJobs
from api.hooks.subjects import first_of
from api.hooks.wiring import delivery
from api.jobs.book import Book
from api.jobs.wiring import JobParts
from wire.settings import ApiSettings
from wire.store import Store

ROOM_FOR_CHORES = 20
ROOM_FOR_OUTCOMES = 400  # more than the 256 rows that one PUT of a bulk job's results waits for


@dataclass(frozen=True, slots=True)
class Means:
    """What handlers may need."""

    settings: ApiSettings
    connection: Connection
    store: Store
    desk: Desk
    jobs: JobParts
    bulk: BulkJobs


@dataclass(frozen=True, slots=True)
class Consumers:
    """Who reads outcomes and chores; `webhooks` counts tries to deliver them, by what came of each."""

    outcomes: Consumer
    chores: Consumer
    webhooks: Mapping[str, int]


def consumers(means: Means) -> Consumers:
    """All of it."""
    find = first_of([SingleJobs(Book(means.store)).find, means.bulk.subject])
    hooks = delivery(means.settings, means.store, find, means.desk.put)
    does: Mapping[str, Do] = {WEBHOOK: hooks, **means.bulk.chores}
    wait, visibility = means.settings.poll_wait, means.settings.visibility
    book, followed = Book(means.store), means.jobs.following
    outcomes = Outcomes(means.desk, book, means.bulk.row, followed.seen)
    return Consumers(
        Consumer("outcomes", outcomes, ROOM_FOR_OUTCOMES, wait, visibility),
        Consumer("chores", Chores(does), ROOM_FOR_CHORES, wait, visibility),
        hooks.counts,
    )
