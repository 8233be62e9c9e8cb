"""An effect that an outage holds up is tried again while its message is still ours."""

import random
import time
from asyncio import sleep
from collections.abc import Awaitable, Callable
from typing import TypeVar

from wire import log
from wire.errors import QueueUnavailable
from wire.queues import QueueMissing

R = TypeVar("R")
FIRST, MOST = 0.1, 5.0
REFUSALS = 12

logger = log.get("worker")


class GivenUp(Exception):
    """The message is ours no longer; it shows again by itself, for somebody to whom the way is open."""


def backoff(attempt: int, first: float = FIRST) -> float:
    """Seconds before the next try: full jitter, so that a fleet does not come back in step.

    Args:
        attempt: pauses before this one.
        first: seconds that the first pause takes at most.

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    return random.uniform(0, min(MOST, first * 2**attempt))  # noqa: S311


async def insist(
    act: Callable[[], Awaitable[R]],
    ends: float,
    trying: Callable[[], None] = lambda: None,
    on: type[Exception] = Exception,
    **about: str,
) -> R:
    """Do it, again and again where it fails.

    Args:
        act: one try.
        ends: monotonic seconds after which there is no other try.
        trying: called before each further try; keeps the lease.
        on: what is worth another try; anything else is raised.
        about: fields of the log lines.

    Raises:
        QueueMissing: no further try would help.
        GivenUp: the time is over, or what stands in the way is no outage.
    """
    attempt = 0
    while True:
        try:
            return await act()
        except QueueMissing:
            raise
        except on as error:
            if attempt == 0:
                logger.warning("an effect failed and is tried again", error=repr(error), **about)
            delay = backoff(attempt)
            # An outage ends; a refusal, of rights for example, may not, and holds up a place in hand.
            refused = attempt >= REFUSALS and not isinstance(error, QueueUnavailable)
            if refused or time.monotonic() + delay > ends:
                raise GivenUp from error
        await sleep(delay)
        trying()
        attempt += 1
