"""An event loop whose time passes only when nobody has anything to do: the same each time."""

import asyncio
import selectors
import time
from unittest import mock


class Stuck(Exception):
    """Everybody waits, and nothing will ever happen."""


class _Idle:
    """A selector that never waits: where it would, the loop's time jumps instead."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop
        self._inner = selectors.DefaultSelector()

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def select(self, timeout=None):
        if timeout is None:
            raise Stuck
        if timeout > 0:
            self._loop.now += timeout
        return self._inner.select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Virtual time; what belongs into threads runs at once, in place."""

    def __init__(self) -> None:
        self.now = 1000.0
        super().__init__(_Idle(self))
        self.set_exception_handler(lambda *_: None)

    def time(self) -> float:
        return self.now

    def run_in_executor(self, executor, func, *args):
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except BaseException as error:
            future.set_exception(error)
        return future

    def run(self, coroutine):
        """Run it to its end, `time.monotonic` being this loop's."""
        with mock.patch.object(time, "monotonic", self.time):
            return self.run_until_complete(coroutine)

    def end(self) -> None:
        """Drop whatever still runs."""
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        if tasks:
            self.run(asyncio.wait(tasks, timeout=100))
        self.close()
