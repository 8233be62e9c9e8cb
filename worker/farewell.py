"""The end of a worker's life: everything closed within a time limit, whatever hangs.

A name server, an endpoint or an engine that hangs holds a thread, and Python waits for every thread
before it ends. A worker that has said "stopped" has nothing left to lose: it goes without them.
"""

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from wire import log

CLOSING = 3.0
GRACE = 1.0

logger = log.get("worker")


class Unawaited(ThreadPoolExecutor):
    """A pool for asyncio's own use, whose threads `asyncio.run` does not wait for at its end."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Let its threads end; returns at once."""
        super().shutdown(wait=False, cancel_futures=cancel_futures)


async def within(close: Callable[[], Awaitable[None]], seconds: float = CLOSING) -> None:
    """Close something; what takes longer, or fails, is logged and left as it is."""
    closing = asyncio.ensure_future(close())
    await asyncio.wait([closing], timeout=seconds)
    if not closing.done():
        logger.warning("not closed in time", seconds=seconds, what=close.__qualname__)
    elif error := closing.exception():
        logger.warning("not closed", what=close.__qualname__, error=repr(error))


def leave(status: int, grace: float = GRACE, end: Callable[[int], object] = os._exit) -> int:
    """The exit status, handed back when every thread ends within the grace; else the process ends here.

    Args:
        status: of the process.
        grace: seconds.
        end: ends the process with a status, at once.
    """
    over = time.monotonic() + grace
    while (left := _threads()) and time.monotonic() < over:
        left[0].join(0.05)
    if left:
        logger.warning("threads hang and are left behind", threads=[each.name for each in left])
        logging.shutdown()
        sys.stdout.flush()
        end(status)
    return status


def _threads() -> list[threading.Thread]:
    here = threading.current_thread()
    return [each for each in threading.enumerate() if each is not here and not each.daemon]
