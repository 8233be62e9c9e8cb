"""What webhooks are told of a bulk job that has ended."""

from api.bulk.books import Books
from api.bulk.kept import BulkJob
from api.bulk.service import Bulk
from api.chores.consumer import Later
from api.chores.desk import WEBHOOK, Desk, Told
from api.hooks.subjects import Subject
from wire.bulk import is_bulk
from wire.errors import JobNotFound
from wire.messages import Chore

SOON = 5.0  # seconds


class Telling:
    """Leaves the chore, and says what is to be told when it is done."""

    def __init__(self, books: Books, service: Bulk, desk: Desk) -> None:
        self._books = books
        self._service = service
        self._desk = desk

    async def ended(self, job: BulkJob) -> None:
        """Whoever asked for it is to be told. Told twice, it is one message."""
        if job.webhook is not None:
            await self._desk.put(Chore.of(WEBHOOK, Told(job=job.uuid)))

    async def subject(self, uuid: str) -> Subject | None:
        """Satisfies `api.hooks.subjects.Find`."""
        job = await self._books.find(uuid) if is_bulk(uuid) else None
        if job is None or job.webhook is None:
            return None
        try:
            told = await self._service.status(uuid, job.client)
        except JobNotFound:
            return None
        if told.status in ("queued", "running"):
            raise Later(SOON)
        document = told.model_dump(by_alias=True, exclude_none=True, mode="json")
        return Subject(uuid, job.client, job.webhook, told.status, document)
