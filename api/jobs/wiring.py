"""The parts of asynchronous jobs, wired once in each replica."""

from collections.abc import Callable
from dataclasses import dataclass

from api.chores.desk import Desk
from api.connection import Connection
from api.jobs.book import Book
from api.jobs.follow import Following
from api.jobs.jobs import Jobs
from api.jobs.outlook import Watch
from api.jobs.running import Running
from api.jobs.sender import Sender
from api.jobs.teller import Teller
from api.lookup import Lookup
from api.submit import Submitter
from wire.store import Store


@dataclass(frozen=True, slots=True)
class JobParts:
    """What routes, chores and bulk jobs need of them. `told` is to be called for jobs that SQS takes,
    with how many they are."""

    told: Callable[[int], None]
    outlook: Watch
    sender: Sender
    jobs: Jobs
    lookup: Lookup
    teller: Teller
    following: Following


def job_parts(store: Store, connection: Connection, desk: Desk, submitter: Submitter) -> JobParts:
    """All of them."""
    outlook, book = Watch(connection, store), Book(store)

    def told(count: int) -> None:
        submitter.left.sent(count)
        submitter.took(count)
        outlook.sent(count)

    sender = Sender(connection, lambda: told(1))
    jobs = Jobs(book, sender, desk)
    teller = Teller(jobs, Running(store), outlook)
    return JobParts(told, outlook, sender, jobs, Lookup(book, jobs), teller, Following())
