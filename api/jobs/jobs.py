"""Asynchronous jobs of single pictures: taken on, looked up, canceled, retried, forgotten.

Every replica does all of it, from what is kept alone.
"""

import time
from collections.abc import Callable

from api.chores.desk import Desk, hook
from api.jobs import ids, states
from api.jobs.book import Book, Entry
from api.jobs.marker import Marker, Order
from api.jobs.sender import Sender
from wire import log
from wire.errors import JobCanceled, JobExpired, JobUnfinished, PictureGone, ServiceError
from wire.messages import Answer
from wire.names import uploaded

_log = log.get(__name__)


class Jobs:
    """All of it raises QueueUnavailable when queue or store cannot be reached.

    Args:
        now: seconds since the epoch.
    """

    def __init__(
        self, book: Book, sender: Sender, desk: Desk, now: Callable[[], float] = time.time
    ) -> None:
        self._book = book
        self._sender = sender
        self._desk = desk
        self._now = now

    async def enter(self, order: Order, chosen: bool) -> Entry:
        """Keep that there is this job; it is not sent yet. The same request again finds its entry.

        Args:
            order: the job.
            chosen: whether its id may have been used before.

        Raises:
            JobExists: its id is another job's.
        """
        job = order.job
        marker = Marker(
            uuid=job.uuid,
            image_url=job.image_url,
            until=order.submitted + job.deadline,
            order=order,
        )
        return await self._book.enter(marker, chosen)

    async def send(self, entry: Entry) -> None:
        """See to it that its job is in the queue, where it has no answer yet. Sent twice, by replicas that
        do not know of each other, it is answered once all the same."""
        if entry.answer is None:
            await self._sender.send(entry.order.job, entry.order.group)

    async def find(self, given: str, client: str) -> Entry:
        """A client's job, by either of its names. Where its time is over, that is its answer from now on.

        Raises:
            JobNotFound: there is none, or it is another client's.
        """
        return await self.looked_at(await self._book.find(ids.sought(client, given), client))

    async def looked_at(self, entry: Entry) -> Entry:
        """The same, with an end where its time is over."""
        if entry.answer is None and states.is_overdue(entry.marker, self._now()):
            return await self._decided(entry, JobExpired())
        return entry

    async def renewed(self, entry: Entry) -> Entry:
        """A job that was found before, as it is now."""
        if entry.answer is not None:
            return entry
        answer = await self._book.answer(entry.marker.uuid)
        return await self.looked_at(Entry(entry.marker, entry.order, answer))

    async def cancel(self, given: str, client: str) -> Entry:
        """No worker that has not begun will work it; nothing changes where there is an answer.

        Raises:
            JobNotFound
        """
        entry = await self.find(given, client)
        return entry if entry.answer else await self._decided(entry, JobCanceled())

    async def retry(self, given: str, client: str) -> Entry:
        """A new job that asks the same as one that has ended; the same one however often this is called.

        Raises:
            JobNotFound
            JobUnfinished: it has not ended.
            PictureGone: its picture came as bytes.
        """
        entry = await self.find(given, client)
        if entry.answer is None:
            raise JobUnfinished
        if uploaded(entry.marker.image_url) is not None:
            raise PictureGone
        uuid, old = ids.again(entry.marker.uuid), entry.order
        job = old.job.model_copy(update={"uuid": uuid, "order": uuid})
        fresh = {"id": uuid, "job": job, "submitted": self._now(), "retry_of": entry.marker.uuid}
        again = await self.enter(old.model_copy(update=fresh), chosen=True)
        await self.send(again)
        return again

    async def delete(self, given: str, client: str) -> None:
        """Forget it; what has not ended is canceled by that.

        Raises:
            JobNotFound
        """
        entry = await self._book.find(ids.sought(client, given), client)
        if entry.answer is None:
            entry = await self._decided(entry, JobCanceled())
        await self._book.strike(entry, _tombstone(entry.marker))

    async def _decided(self, entry: Entry, error: ServiceError) -> Entry:
        answer, ours = await self._book.settle(states.verdict(entry.marker, error))
        if ours:
            _log.info("a job was decided", job=answer.uuid, code=error.code)
            await self._tell(answer)
        return Entry(entry.marker, entry.order, answer)

    async def _tell(self, answer: Answer) -> None:
        # Only sooner: the job's message is still in the queue, and whoever takes it finds the verdict and
        # sends it the way of every answer.
        if not answer.hook:
            return
        try:
            await self._desk.put(hook(answer))
        except ServiceError as error:
            _log.warning("to be told later", job=answer.uuid, reason=repr(error.__cause__ or error))


def _tombstone(marker: Marker) -> Answer:
    bare = states.verdict(marker, JobCanceled())
    return bare.model_copy(update={"image_url": "", "hook": None})
