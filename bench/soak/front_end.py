"""The front end of a running `up`: stopped, and whether another came in its place."""

import asyncio
import json
import os
import signal
from pathlib import Path

from bench.soak.census import lives

PATIENCE = 120.0  # seconds: it drains before it goes, on a machine that has much else to do
LOOK = 0.1


class NotRestarted(Exception):
    """The front end could not be stopped, or nobody started it again."""


class FrontEnd:
    """The front end of the service on a data folder. `restarts` counts those that came to pass."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.restarts = 0

    async def restart(self, patience: float = PATIENCE) -> None:
        """Stop it, and wait until another process is noted in its place; patience in seconds.

        Raises:
            NotRestarted: there was none to stop, or none after it.
        """
        stopped: int | None = None
        try:
            async with asyncio.timeout(patience):
                while (stopped := self.stop()) is None:  # noqa: ASYNC110  `up` starts one just now
                    await asyncio.sleep(LOOK)
                while self._pid() in (None, stopped):  # noqa: ASYNC110
                    await asyncio.sleep(LOOK)
        except TimeoutError:
            what = "no front end to stop" if stopped is None else f"none after process {stopped}"
            raise NotRestarted(f"{what} within {patience:.0f} s, see {self._data}/logs") from None
        self.restarts += 1

    def stop(self) -> int | None:
        """SIGTERM to its process; the pid of what was signaled, None when none lives."""
        pid = self._pid()
        try:
            if pid is not None:
                os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            return None
        return pid

    def _pid(self) -> int | None:
        try:
            note = json.loads((self._data / "run" / "api.json").read_text())
            return int(note["pid"]) if lives(note["pid"], note["created"]) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None
