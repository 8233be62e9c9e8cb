"""One part, kept alive: start it, say when it is ready, start it again when it dies."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from local.up.backoff import Backoff
from local.up.child import Child
from local.up.console import Console
from local.up.logs import last_line
from local.up.parts import Part
from local.up.probe import Probe

SLOW = 30.0

Launch = Callable[[Part], Child]


class Keeper:
    """Keeps one part alive until it is stopped.

    Args:
        part: what runs.
        launch: starts it once.
        log: where it writes.
        probe: waits until it is ready.
        console: what the person reads.
    """

    def __init__(
        self, part: Part, launch: Launch, log: Path, probe: Probe, console: Console
    ) -> None:
        self.part = part
        self.ready = asyncio.Event()  # has been ready once
        self._launch = launch
        self._log = log
        self._probe = probe
        self._console = console
        self._child: Child | None = None
        self._closing = False

    async def keep(self, after: Sequence[asyncio.Event] = ()) -> None:
        """Run the part for ever, first waiting for `after`. Ends once `stop` was called."""
        for event in after:
            await event.wait()
        backoff = Backoff()
        while not self._closing:
            backoff = await self._live(backoff)
            await asyncio.sleep(0 if self._closing else backoff.delay)

    async def stop(self, hurry: asyncio.Event) -> None:
        """End the part and start it no more. Nothing happens when it does not run."""
        self._closing = True
        child, self._child = self._child, None
        if child is not None:
            self._console.stopped(self.part.name, await child.end(self.part.grace, hurry))

    async def _live(self, backoff: Backoff) -> Backoff:
        born = time.monotonic()
        child = self._child = self._launch(self.part)
        announcing = asyncio.ensure_future(self._announce(born))
        status = await child.exited()
        announcing.cancel()
        if self._closing:
            return backoff
        self._child = None
        backoff = backoff.died(time.monotonic() - born)
        last = last_line(self._log)
        self._console.died(self.part.name, status, backoff.delay, last, self._log)
        return backoff

    async def _announce(self, born: float) -> None:
        complaint = asyncio.ensure_future(self._complain())
        try:
            await self._probe(self.part.ready)
        finally:
            complaint.cancel()
        self._console.ready(self.part.name, time.monotonic() - born, self.part.shown)
        self.ready.set()

    async def _complain(self) -> None:
        await asyncio.sleep(SLOW)
        self._console.slow(self.part.name, SLOW, self._log)
