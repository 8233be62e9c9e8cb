"""Starts the parts, keeps them alive, stops them in order."""

import asyncio
import signal
from collections.abc import Sequence
from typing import Any

from local.up.console import Console
from local.up.keeper import Keeper
from local.up.watch import Watch


def signals() -> tuple[signal.Signals, ...]:
    """Those that ask to stop. A caller that ignores SIGHUP, as nohup does, wants to outlive a logout."""
    asking = (signal.SIGINT, signal.SIGTERM)
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return asking if ignored else (*asking, signal.SIGHUP)


class Stop:
    """The wish to stop: the first signal asks, every further one hurries."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurry = asyncio.Event()

    def ask(self) -> None:
        if self.asked.is_set():
            self.hurry.set()
        self.asked.set()


class Supervisor:
    """The parts of one service.

    Args:
        keepers: in the order in which they are stopped.
        watch: looks at the parts' logs while they run.
        welcome: what is said once every part is ready.
        console: what the person reads.
    """

    def __init__(
        self, keepers: Sequence[Keeper], watch: Watch, welcome: str, console: Console
    ) -> None:
        self._keepers = keepers
        self._watch = watch
        self._welcome = welcome
        self._console = console

    async def run(self) -> Stop:
        """Run until a signal asks to stop; every part has ended when this returns."""
        stop = Stop()
        for number in signals():
            asyncio.get_running_loop().add_signal_handler(number, stop.ask)
        events = {keeper.part.name: keeper.ready for keeper in self._keepers}
        tasks = [
            asyncio.ensure_future(keeper.keep([events[name] for name in keeper.part.after]))
            for keeper in self._keepers
        ]
        tasks += [asyncio.ensure_future(self._greet()), asyncio.ensure_future(self._watch.run())]
        try:
            await _first(stop, tasks)
        finally:
            await self._stop(stop)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return stop

    async def _greet(self) -> None:
        for keeper in self._keepers:
            await keeper.ready.wait()
        self._console.say(self._welcome)

    async def _stop(self, stop: Stop) -> None:
        self._console.say("\nStopping. Ctrl-C again does not wait for unfinished work.")
        for keeper in self._keepers:
            await keeper.stop(stop.hurry)


async def _first(stop: Stop, tasks: "Sequence[asyncio.Future[None]]") -> None:
    """Wait for the wish to stop, or for a task that failed, whose error is raised."""
    asked: asyncio.Future[Any] = asyncio.ensure_future(stop.asked.wait())
    pending: set[asyncio.Future[Any]] = {asked, *tasks}
    while not asked.done():
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
