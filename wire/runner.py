"""The event loop that front end and workers run on, and how often their garbage is looked for."""

import asyncio
import gc
from collections.abc import Callable

# Allocations. Python's own 700 has a worker look through everything twice a second, and took an eighth of
# a front end's CPU under load.
YOUNG = 20_000


def runner() -> asyncio.Runner:
    """On uvloop where there is one.

    A fetch took 0.41 ms of CPU in place of 0.45; what else of the loop's work it spares was not measured
    by itself (decision 18).
    """
    gc.set_threshold(YOUNG, 20, 50)
    return asyncio.Runner(loop_factory=_factory())


def settled() -> None:
    """All that is loaded now stays: garbage is looked for among what comes after it."""
    gc.freeze()


def _factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return None
    return uvloop.new_event_loop
