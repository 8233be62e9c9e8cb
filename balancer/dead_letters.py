"""How many messages lie in the dead-letter queue: asked once a minute, which is 0.02 $ a month."""

from collections.abc import Callable

from wire import log
from wire.queues import Queue, QueueMissing

_log = log.get(__name__)

EVERY = 60.0  # seconds


class DeadLetters:
    """Counts them when it is time.

    Args:
        queue: the dead-letter queue.
        clock: monotonic seconds.
    """

    def __init__(self, queue: Queue, clock: Callable[[], float]) -> None:
        self._queue = queue
        self._clock = clock
        self._looked_at = float("-inf")
        self.count: int | None = None

    async def look(self) -> None:
        """Ask if the last answer is old; `count` is None while nobody knows.

        Raises:
            QueueUnavailable: SQS cannot be reached; asked again a minute later.
        """
        if self._clock() - self._looked_at < EVERY:
            return
        self._looked_at, self.count = self._clock(), None
        try:
            depth = await self._queue.depth()
        except QueueMissing as error:
            _log.warning("dead letters not counted", fault=repr(error))
            return
        # Those that somebody is just looking at are as dead.
        self.count = depth.visible + depth.in_flight
