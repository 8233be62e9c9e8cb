"""The queues of this replica: opened as soon as the endpoint is up, while requests already come in."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import ClientError

from api.pending import GOING
from wire import log
from wire.errors import QueueUnavailable, ShuttingDown
from wire.names import QueueNames
from wire.queues import Queue, QueueMissing, QueueNameBusy, QueueOptions, Queues
from wire.topology import Durable, Shared, open_durable, open_shared

RETENTION = 24 * 3600  # an answer that nobody collected for a day is past every deadline
_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Lines:
    """Open queues: those that all share, those that all replicas read, and this replica's own."""

    replica: str
    shared: Shared
    durable: Durable
    responses: Queue


def backoff(attempt: int) -> float:
    """Seconds before another try: 0.1 doubling to 2, less up to a half at random."""
    return min(2.0, 0.1 * 2.0 ** min(attempt, 10)) * random.uniform(0.5, 1.0)  # noqa: S311


class Connection:
    """Opens the queues and keeps them.

    Args:
        queues: the account.
        names: the deployment's names.
        visibility: seconds until a request that its worker did not finish shows again.
        pause: seconds before the try after the given one.
    """

    def __init__(
        self,
        queues: Queues,
        names: QueueNames,
        visibility: int = 30,
        pause: Callable[[int], float] = backoff,
    ) -> None:
        self._queues = queues
        self._names = names
        self._visibility = visibility
        self._pause = pause
        self._decided = asyncio.Event()
        self._closed = False
        self.current: Lines | None = None

    async def lines(self, patience: float) -> Lines:
        """The open queues; waits for them up to `patience` seconds.

        Raises:
            QueueUnavailable: they are still closed.
            ShuttingDown: they will not be opened any more.
        """
        if self.current is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._decided.wait()
        if self.current is not None:
            return self.current
        raise ShuttingDown(GOING) if self._closed else QueueUnavailable

    async def decided(self) -> None:
        """Return once the queues are open, or will not be opened any more."""
        await self._decided.wait()

    async def connect(self) -> Lines:
        """Open all queues under a fresh replica id, trying until it is done."""
        attempt = 0
        while True:
            try:
                lines = await self._open()
            except (QueueUnavailable, QueueMissing, QueueNameBusy, ClientError) as error:
                _log.warning(
                    "queues closed", attempt=attempt, reason=repr(error.__cause__ or error)
                )
                await asyncio.sleep(self._pause(attempt))
                attempt += 1
            else:
                self.current = lines
                self._decided.set()
                return lines

    async def remove(self) -> None:
        """Delete this replica's response queue."""
        if self.current is not None:
            await self._queues.remove(self.current.responses.name)

    def close(self) -> None:
        """Send home those who wait for queues that are not open yet."""
        self._closed = True
        self._decided.set()

    async def _open(self) -> Lines:
        shared = await open_shared(self._queues, self._names, self._visibility)
        durable = await open_durable(self._queues, self._names, self._visibility)
        # Fresh each time: a name once deleted stays unusable for 60 s.
        replica = secrets.token_hex(6)
        responses = await self._queues.ensure(
            self._names.responses(replica), QueueOptions(retention=RETENTION)
        )
        return Lines(replica, shared, durable, responses)
