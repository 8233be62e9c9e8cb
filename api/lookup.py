"""What became of a job, read from the store alone, so that every replica says the same."""

import time
from collections.abc import Callable

from api.documents import JobStatus
from api.jobs import ids
from api.jobs.book import Book, Entry
from api.jobs.jobs import Jobs
from api.jobs.marker import Marker
from api.jobs.states import is_overdue
from api.jobs.view import of_answer
from wire.errors import JobExpired, JobNotFound
from wire.messages import Answer


class Lookup:
    """Finds jobs by id: those that were asked for as such, and those whose client left without an answer.

    An asynchronous job is its client's alone. The others' ids are the secret: 122 random bits that only their
    client was told.

    Args:
        now: seconds since the epoch.
    """

    def __init__(self, book: Book, jobs: Jobs, now: Callable[[], float] = time.time) -> None:
        self._book = book
        self._jobs = jobs
        self._now = now

    async def find(self, given: str, client: str) -> Entry | JobStatus:
        """An asynchronous job; or what is known of one that was waited for: its answer, or until when it
        may come.

        Raises:
            JobNotFound, JobExpired, QueueUnavailable
        """
        marker, answer = await self._book.read(ids.sought(client, given))
        if marker is not None and marker.order is not None:
            if marker.order.client != client:
                raise JobNotFound
            return await self._jobs.looked_at(Entry(marker, marker.order, answer))
        if answer is not None and answer.order is None:
            return _answered(answer)
        if answer is None and marker is not None:
            return self._expected(marker)
        raise JobNotFound

    async def features(self, given: str, client: str) -> Answer:
        """The answer of a job that asked for a layer.

        Raises:
            JobNotFound: there is none, or not yet.
            QueueUnavailable
        """
        marker, answer = await self._book.read(ids.sought(client, given))
        order = None if marker is None else marker.order
        theirs = order is not None and order.client != client
        if answer is None or answer.features is None or theirs:
            raise JobNotFound("No activation is kept under this id.")
        return answer

    def _expected(self, marker: Marker) -> JobStatus:
        if is_overdue(marker, self._now()):
            raise JobExpired
        return JobStatus(
            uuid=marker.uuid, status="queued", image_url=marker.image_url, until=marker.until
        )


def _answered(answer: Answer) -> JobStatus:
    state = "succeeded" if answer.error is None else "failed"
    told = JobStatus(uuid=answer.uuid, status=state, image_url=answer.image_url)
    return told.model_copy(update=of_answer(answer))
