"""The way to the queues. They may come up after the worker does: it waits, and says so."""

from collections.abc import Awaitable, Callable

from wire import log
from wire.topology import Shared
from worker.patience import backoff
from worker.shift import Shift

logger = log.get("worker")


async def connect(open_queues: Callable[[], Awaitable[Shared]], shift: Shift) -> Shared | None:
    """The shared queues; None when the worker was told to go before they could be reached."""
    attempt = 0
    while not shift.draining:
        try:
            return await open_queues()
        except Exception as error:  # a refusal too may pass: rights take a while to spread on AWS
            cause = error.__cause__ or error
            logger.warning("waiting for the queues", attempt=attempt + 1, error=str(cause))
        await shift.until(lambda: shift.draining is not None, backoff(attempt))
        attempt += 1
    return None
