"""One started process: in a session of its own, so that the terminal's Ctrl-C hits the supervisor only."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from local.up.identity import Identity, identify
from local.up.logs import opened

GLANCE = 0.05  # seconds between looks whether it still runs, where the system sends no event


class Child:
    """A process that was started here and is waited for here."""

    def __init__(self, command: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        # Popen and not asyncio's own: it returns with the child in hand, so that no cancellation
        # can come between a process having started and somebody knowing of it.
        with opened(log) as output:
            self._process = subprocess.Popen(  # noqa: S603  the commands are in parts.py
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def identity(self) -> Identity | None:
        """For the notes; None when it has ended already."""
        return identify(self.pid)

    async def exited(self) -> int:
        """Wait for its end; the exit status, negative for the signal that killed it."""
        while (status := self._process.poll()) is None:
            await _perhaps_ended(self.pid)
        return status

    async def end(self, grace: float, hurry: asyncio.Event) -> bool:
        """SIGTERM; SIGKILL after `grace` seconds or as soon as `hurry` is set.

        Returns whether it ended by itself. Popen never signals a pid that it has already reaped.
        """
        self._process.terminate()
        leaving = asyncio.ensure_future(self.exited())
        hurried = asyncio.ensure_future(hurry.wait())
        await asyncio.wait((leaving, hurried), timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        went = leaving.done()
        if not went:
            self._process.kill()
        with suppress(asyncio.CancelledError):
            await leaving
        return went


async def _perhaps_ended(pid: int) -> None:
    """Wait until a child that nobody has reaped ends, or for GLANCE where that cannot be waited for."""
    try:
        descriptor = _watched(pid)
    except OSError:  # another system, an old kernel, a Python built for one, no descriptor left
        await asyncio.sleep(GLANCE)
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _watched(pid: int) -> int:
    """A descriptor that can be read once the process has ended. Raises OSError."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        raise OSError("Linux alone has such descriptors, and not every Python knows of them")
    return os.pidfd_open(pid)
