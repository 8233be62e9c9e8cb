"""What no test of the worker leaves behind."""

import threading
import time
from collections.abc import Iterator

import pytest

from tests.unit.worker import workshop

ENDING = 20.0  # seconds that a thread may take to end once nothing holds it


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Workshops are closed; a thread that still runs then fails the test that began it, for a worker's
    end, which other tests look at, waits for every thread of the process."""
    before = set(threading.enumerate())
    yield
    while workshop.OPEN:
        workshop.OPEN.pop().close()
    over = time.monotonic() + ENDING
    left = [each for each in threading.enumerate() if each not in before and not each.daemon]
    for thread in left:
        thread.join(max(0.0, over - time.monotonic()))
    assert not (hung := [each.name for each in left if each.is_alive()]), f"left behind: {hung}"
