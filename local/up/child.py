"""One started process: in a session of its own, so that the terminal's Ctrl-C hits the supervisor only."""

import asyncio
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from local.up.identity import Identity, identify
from local.up.logs import opened

GLANCE = 0.05  # seconds between looks whether it still runs


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
        while (status := self._process.poll()) is None:  # noqa: ASYNC110  the system sends no event
            await asyncio.sleep(GLANCE)
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
