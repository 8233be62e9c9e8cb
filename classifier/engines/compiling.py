"""When a network is compiled: by one process at a time, and not before somebody asks for it."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

LOCK = "compiling"


@contextlib.contextmanager
def in_turn(cache: Path | None) -> Iterator[None]:
    """Of the processes that come here together one goes first; the others then find what it kept.

    They wait for the first alone, and go on at once together. The lock ends with its process.
    """
    with contextlib.ExitStack() as held:
        if cache is not None:
            # Where there are no such locks, or nothing can be written, each compiles for itself.
            with contextlib.suppress(OSError, ImportError):
                _wait(cache, held)
        yield


def _wait(cache: Path, held: contextlib.ExitStack) -> None:
    import fcntl

    cache.mkdir(parents=True, exist_ok=True)
    file = (cache / LOCK).open("wb")
    held.callback(file.close)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(file, fcntl.LOCK_EX)
        held.close()


class Later(Generic[T]):
    """What takes a while to make and may never be needed: made in a thread, once somebody has asked.

    Args:
        make: makes it.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: Future[T] | None = None

    def begun(self) -> "Future[T]":
        """It, in the making from the first call on; safe to call from several threads."""
        with self._lock:
            if self._made is None:
                self._made = Future()
                threading.Thread(target=self._run, args=(self._made,), name="compile").start()
            return self._made

    def now(self) -> T | None:
        """As `begun`, if it is there by now; None while it is not, and where it cannot be made."""
        made = self.begun()
        return made.result() if made.done() and made.exception() is None else None

    def _run(self, made: "Future[T]") -> None:
        try:
            made.set_result(self._make())
        except BaseException as error:
            made.set_exception(error)
