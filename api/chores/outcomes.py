"""Answers that no replica waits for: to the book of the bulk job whose rows they are, or on to a webhook.

And jobs without one: those that SQS has set aside, since so many workers went with them in hand. Such a job
has failed, and its body goes on to the dead-letter queue.
"""

from collections.abc import Awaitable, Callable

from api.chores.consumer import Unusable
from api.chores.desk import Desk, hook
from api.jobs.book import Book
from wire.errors import WorkerCrashed
from wire.messages import Answer, ErrorBody, Job, Undecodable
from wire.queues import Received

JOB = '"replyTo":'  # what a job's body has and an answer's has not: within texts quotes are escaped
GIVEN_UP = "SQS has handed it out too often, and nobody answered it"

Row = Callable[[Answer, Received], Awaitable[None]]
"""Keeps a row of the bulk job `answer.order`; returns once that is safe. Up to 256 may be awaited at once."""

Seen = Callable[[Answer], None]


class Outcomes:
    """Deals with one answer after the other; satisfies `Handle`.

    Args:
        desk: where what is still to be done is put.
        book: of asynchronous jobs.
        row: keeps rows of bulk jobs.
        seen: told of every answer to a single job. Another replica may be the one that it comes to.
    """

    def __init__(self, desk: Desk, book: Book, row: Row, seen: Seen) -> None:
        self._desk = desk
        self._book = book
        self._row = row
        self._seen = seen

    async def __call__(self, received: Received) -> None:
        try:
            if JOB in received.body:
                await self._give_up(Job.decode(received.body), received)
                raise Unusable(GIVEN_UP)
            answer = Answer.decode(received.body)
        except Undecodable as error:
            raise Unusable(str(error)) from error
        await self._keep(answer, received)

    async def _give_up(self, job: Job, received: Received) -> None:
        if job.order is None:
            return  # it was waited for, by whoever is told by now that it was in vain
        error = ErrorBody.of(WorkerCrashed())
        answer = Answer(
            uuid=job.uuid, image_url=job.image_url, error=error, order=job.order, hook=job.hook
        )
        if job.alone:
            answer, _ = await self._book.settle(answer)
        await self._keep(answer, received)

    async def _keep(self, answer: Answer, received: Received) -> None:
        if answer.order is not None and answer.order != answer.uuid:
            await self._row(answer, received)
            return
        # The worker has stored it: nothing is left to do but to tell who wants to be told. The message goes
        # after that, so that a kill in between sends the chore twice and never not at all.
        self._seen(answer)
        if answer.hook:
            await self._desk.put(hook(answer))
