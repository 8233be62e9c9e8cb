"""Puts asynchronous jobs into the queue."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from api.connection import Connection
from wire import log, tracing
from wire.errors import QueueUnavailable
from wire.messages import Job
from wire.queues import QueueMissing

OPENING = 10.0  # seconds that queues may take to open
SENDING = 15.0  # seconds that sending may take, with every retry
REMEMBERED = 10_000
_log = log.get(__name__)


class Sender:
    """Sends jobs; `told` is called for each that SQS has taken."""

    def __init__(self, connection: Connection, told: Callable[[], None]) -> None:
        self._connection = connection
        self._told = told
        self._sent: OrderedDict[str, None] = OrderedDict()

    async def outcomes(self) -> str:
        """The queue for answers that nobody waits for.

        Raises:
            QueueUnavailable, ShuttingDown
        """
        return (await self._connection.lines(OPENING)).durable.outcomes.name

    async def responses(self) -> str:
        """The queue for answers that are waited for here. Raises as `outcomes`."""
        return (await self._connection.lines(OPENING)).responses.name

    async def send(self, job: Job, group: str | None) -> None:
        """Return once the job is in the queue. One that was sent from here before is not sent again.

        Raises:
            QueueUnavailable, ShuttingDown
        """
        if job.uuid in self._sent:
            return
        lines = await self._connection.lines(OPENING)
        try:
            with tracing.span("submit", job=job.uuid):
                async with asyncio.timeout(SENDING):
                    await lines.shared.requests.send(job.encode(), group)
        except (QueueMissing, TimeoutError) as error:
            raise QueueUnavailable from error
        _log.routine("job sent", job=job.uuid)
        self._sent[job.uuid] = None
        if len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
        self._told()
