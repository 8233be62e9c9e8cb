"""One stretch of measuring: pictures, CPU, calls, and how much of the machine others took meanwhile."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psutil

from bench.scale.calls import Counts
from bench.throughput.ledger import CLIENTS, Ledger

OUTSIDE = (CLIENTS, "host of pictures")  # on AWS, other people's machines
QUIET = 0.05  # of all cores, taken by others
TRIES = 3
LOOKS = 1.0  # seconds between two looks at what waits


@dataclass(frozen=True, slots=True)
class Window:
    """`cpu` is in milliseconds a picture by part; `foreign` the share of all cores that others took.

    `waiting` is what waited by the queue's own counts, each second, where a depth was kept.
    """

    pictures: int
    seconds: float
    cpu: Mapping[str, float]
    sqs: float
    puts: float
    foreign: float
    waiting: Sequence[int] = ()

    @property
    def per_second(self) -> float:
        return self.pictures / self.seconds

    @property
    def service_ms(self) -> float:
        """CPU of the service alone, in milliseconds a picture."""
        return sum(ms for part, ms in self.cpu.items() if part not in OUTSIDE)

    def as_json(self) -> dict[str, object]:
        """Its figures, rounded."""
        return {
            "pictures": self.pictures,
            "per_second": round(self.per_second, 1),
            "cpu_ms": {part: round(ms, 2) for part, ms in sorted(self.cpu.items())},
            "service_cpu_ms": round(self.service_ms, 2),
            "sqs_calls": round(self.sqs, 3),
            "puts": round(self.puts, 4),
            "foreign": round(self.foreign, 3),
            "waiting": list(self.waiting),
        }


async def quietest(
    answered: Callable[[], int], counts: Callable[[], Counts], seconds: float
) -> Window:
    """Up to three windows of so many seconds, until one was quiet; the quietest.

    Args:
        answered: how many pictures have been answered so far.
        counts: begins to count calls.
        seconds: of each.
    """
    found: list[Window] = []
    while len(found) < TRIES and (not found or found[-1].foreign > QUIET):
        found.append(await _window(answered, counts(), seconds))
    return min(found, key=lambda window: window.foreign)


async def typical(
    answered: Callable[[], int],
    counts: Callable[[], Counts],
    seconds: float,
    waiting: Callable[[], int],
) -> Window:
    """The middle one by throughput of three windows; those in which others took the machine only where all
    were so. `waiting` is asked every second, in a thread, and is one call; the rest is as of `quietest`."""
    found = [await _window(answered, counts(), seconds, waiting) for _ in range(TRIES)]
    return middle(found)


def middle(windows: Sequence[Window]) -> Window:
    """The one in the middle by throughput, the slower of two; of the quiet ones if there are any."""
    quiet = [window for window in windows if window.foreign <= QUIET] or windows
    return sorted(quiet, key=lambda window: window.per_second)[(len(quiet) - 1) // 2]


async def _window(
    answered: Callable[[], int],
    counts: Counts,
    seconds: float,
    waiting: Callable[[], int] | None = None,
) -> Window:
    ledger, busy = Ledger(), _busy()
    before, began = answered(), time.perf_counter()
    seen = await _watched(began + seconds, waiting)
    pictures, took = answered() - before, time.perf_counter() - began
    spent, busy = ledger.spent(), _busy() - busy
    sqs, puts = await asyncio.to_thread(counts.since)
    foreign = max(0.0, busy - sum(spent.values())) / (took * (os.cpu_count() or 1))
    sqs -= len(seen)  # the looks are not the service's
    each = max(1, pictures)
    cpu = {part: 1000 * cpu / each for part, cpu in spent.items()}
    return Window(pictures, took, cpu, sqs / each, puts / each, foreign, seen)


async def _watched(until: float, waiting: Callable[[], int] | None) -> list[int]:
    seen: list[int] = []
    while (left := until - time.perf_counter()) > 0:
        await asyncio.sleep(min(LOOKS, left))
        if waiting is not None:
            seen.append(await asyncio.to_thread(waiting))
    return seen


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.system + getattr(times, "nice", 0.0))
