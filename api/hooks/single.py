"""Jobs of single pictures, as they are told."""

from api.chores.consumer import Later
from api.hooks.subjects import Subject
from api.hooks.wish import Webhook
from api.jobs.book import Book, Entry
from api.jobs.states import settled
from api.jobs.view import status
from wire.errors import JobNotFound

SOON = 10.0  # seconds; a chore that came before its job's end


class SingleJobs:
    """Finds them; `find` satisfies `api.hooks.subjects.Find`."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def find(self, job: str) -> Subject | None:
        try:
            marker, answer = await self._book.read(job)
        except JobNotFound:
            return None
        order = None if marker is None else marker.order
        if marker is None or order is None or order.webhook is None:
            return None
        if answer is None:
            raise Later(SOON)
        told = status(Entry(marker, order, answer), False, None, order.submitted)
        document = told.model_dump(mode="json", by_alias=True, exclude_none=True)
        webhook = Webhook.model_validate(order.webhook)
        return Subject(job, order.client, webhook, settled(answer), document)
