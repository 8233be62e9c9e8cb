"""How many replicas there are: each owns one response queue, and the queues can be listed.

A list every 30 s costs 0.03 $ a month (us-east-1 list price as remembered in the design). The number is late
by so much; a replica that died is counted until the balancer removes its queue, ten minutes later.
"""

import asyncio

from wire import log
from wire.queues import Queues

EVERY = 30.0
_log = log.get(__name__)


class Siblings:
    """Counts the replicas, this one included. `count` is 1 until it is known.

    Args:
        queues: the account.
        prefix: with which the names of all response queues begin.
        every: seconds between counts.
    """

    def __init__(self, queues: Queues, prefix: str, every: float = EVERY) -> None:
        self._queues = queues
        self._prefix = prefix
        self._every = every
        self.count = 1

    async def run(self) -> None:
        """Count again and again, until canceled."""
        while True:
            await self.look()
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        """Count once; what cannot be counted stays as it was."""
        try:
            names = await self._queues.names(self._prefix)
        except Exception as error:
            _log.warning("replicas not counted", reason=repr(error.__cause__ or error))
            return
        count = max(1, len(names))
        if count != self.count:
            _log.info("replicas counted", replicas=count)
        self.count = count
