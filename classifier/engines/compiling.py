"""When a network is compiled: by one process at a time, and not before somebody asks for it."""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

LOCK = "compiling"
PATIENCE = 20.0  # seconds; a network takes a few, and whoever holds the lock may be stopped
LOOKS_AGAIN = 0.05  # seconds
PAUSE = 30.0  # seconds from a failure to the next try; twice as many after each further one

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def in_turn(cache: Path | None, patience: float = PATIENCE) -> Iterator[None]:
    """Of the processes that come here together one goes first; the others then find what it kept.

    They wait for the first alone, so many seconds at most, and go on together. The lock ends with its
    process.
    """
    with contextlib.ExitStack() as held:
        if cache is not None:
            # Where there are no such locks, or nothing can be written, each compiles for itself.
            with contextlib.suppress(OSError, ImportError):
                _wait(cache, patience, held)
        yield


def _wait(cache: Path, patience: float, held: contextlib.ExitStack) -> None:
    import fcntl

    cache.mkdir(parents=True, exist_ok=True)
    # Whoever can open the file can hold the lock: nobody but its owner, whatever it was made with.
    file = os.open(cache / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    held.callback(os.close, file)
    os.fchmod(file, 0o600)
    end, waited = time.monotonic() + patience, False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() >= end:
                logger.warning("compiling beside another process, which has taken %.0f s", patience)
                break
            waited = True
            time.sleep(LOOKS_AGAIN)
    if waited:
        held.close()


class Later(Generic[T]):
    """What takes a while to make and may never be needed: made in a thread, once somebody has asked.

    What fails is logged, and tried again for whoever asks after a pause.

    Args:
        make: makes it.
        pause: seconds.
    """

    def __init__(self, make: Callable[[], T], pause: float = PAUSE) -> None:
        self._make = make
        self._pause = pause
        self._again = 0.0
        self._lock = threading.Lock()
        self._made: Future[T] | None = None

    def begun(self) -> "Future[T]":
        """It, in the making from the first call on; safe to call from several threads."""
        with self._lock:
            if self._made is None or (_failed(self._made) and time.monotonic() >= self._again):
                self._made = made = Future[T]()
                try:
                    threading.Thread(target=self._run, args=(made,), name="compile").start()
                except (RuntimeError, MemoryError) as error:  # there are too many threads
                    self._fail(made, error)
            return self._made

    def now(self) -> T | None:
        """As `begun`, if it is there by now; None while it is not, and where it cannot be made."""
        made = self.begun()
        return made.result() if made.done() and not _failed(made) else None

    def _run(self, made: "Future[T]") -> None:
        try:
            made.set_result(self._make())
        except BaseException as error:
            self._fail(made, error)

    def _fail(self, made: "Future[T]", error: BaseException) -> None:
        self._again, pause = time.monotonic() + self._pause, self._pause
        self._pause *= 2
        logger.warning("not compiled; once more in %.0f s if it is wanted: %r", pause, error)
        # Last: from now on somebody else may try.
        made.set_exception(error)


def _failed(made: "Future[T]") -> bool:
    return made.done() and made.exception() is not None
