"""The run: so many at a time, or each at its due time. Ctrl-C ends it, and what there is remains."""

import asyncio
import contextlib
import gc
import math
import signal
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bench.loadtest.asking import Asker
from bench.loadtest.lines import Lines
from bench.loadtest.outcome import Outcome

Ask = Callable[[str, float], Awaitable[None]]
"""Asks for a picture that is due so many seconds after the beginning."""


@dataclass(slots=True)
class Progress:
    """How far a run is: counts, and the outcomes so far. `elapsed` in seconds from first to last."""

    sent: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    elapsed: float = 0.0
    interrupted: bool = False

    @property
    def open(self) -> int:
        """Requests without an outcome; at the end, those that Ctrl-C cut off."""
        return self.sent - len(self.outcomes)


@dataclass(frozen=True, slots=True)
class Terms:
    """Of every request: what is sent along, seconds that a try may take, tries after the first.

    Further tries are made only where an answer's Retry-After asks for them.
    """

    patience: float = 130.0
    retries: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


class Sending(Protocol):
    """When requests are sent."""

    async def send(self, pictures: Iterator[str], ask: Ask, clock: Callable[[], float]) -> None:
        """Ask for pictures until all are answered; the clock tells the seconds since the beginning."""


@dataclass(frozen=True, slots=True)
class Burst:
    """`count` requests, at most `at_once` open: the next is due when one has been answered."""

    count: int
    at_once: int

    async def send(self, pictures: Iterator[str], ask: Ask, clock: Callable[[], float]) -> None:
        """All of them."""
        remaining = iter(range(self.count))

        async def one_after_the_other() -> None:
            for _ in remaining:
                await ask(next(pictures), clock())

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.at_once, self.count)):
                group.create_task(one_after_the_other())


@dataclass(frozen=True, slots=True)
class OnTime:
    """Each at its due time (seconds after the beginning, ascending), whatever became of the others."""

    due: Iterable[float]

    async def send(self, pictures: Iterator[str], ask: Ask, clock: Callable[[], float]) -> None:
        """All of them."""
        async with asyncio.TaskGroup() as group:
            for due in self.due:
                await _until(due, clock)
                group.create_task(_task(ask(next(pictures), due)))


async def carry_out(
    sending: Sending,
    service: str,
    pictures: Iterator[str],
    progress: Progress,
    terms: Terms,
) -> None:
    """Send everything and wait for the answers; `progress` is kept up to date, and complete at the end.

    Canceled, it ends at once, waits for nothing, and returns: what there is counts.

    Args:
        sending: when.
        service: its URL.
        pictures: URLs, as many as are sent.
        progress: a new one.
        terms: of every request.
    """
    lines, began = Lines(service, terms.headers), time.perf_counter()
    asker = Asker(lines, terms.patience, terms.retries, began)

    def clock() -> float:
        return time.perf_counter() - began

    async def ask(picture: str, due: float) -> None:
        progress.sent += 1
        progress.outcomes.append(await asker.ask(picture, due))

    try:
        with _no_pauses():
            await sending.send(pictures, ask, clock)
    except asyncio.CancelledError:
        progress.interrupted = True
    finally:
        progress.elapsed = clock()
        lines.close()


async def _until(due: float, clock: Callable[[], float]) -> None:
    """Return at the due time, never before, up to a millisecond after; lets others run in any case."""
    if (wait := due - clock()) <= 0:
        await asyncio.sleep(0)
    while wait > 0:
        await asyncio.sleep(math.ceil(1000 * wait) / 1000)
        wait = due - clock()


async def _task(asked: Awaitable[None]) -> None:
    await asked


@contextlib.contextmanager
def interruptible(work: "asyncio.Task[None]") -> Iterator[None]:
    """Ctrl-C and SIGTERM cancel the task while the block runs."""
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, work.cancel)
    try:
        yield
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)


@contextlib.contextmanager
def _no_pauses() -> Iterator[None]:
    """A collection over a million kept outcomes takes longer than an answer, and they hold no cycles."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
