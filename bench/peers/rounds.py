"""Every contender in turn, again and again: what disturbs the machine for a minute disturbs all alike."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

import psutil

from bench.peers import ours
from bench.peers.contenders import OURS, Contender
from bench.peers.running import Place, running
from bench.peers.turns import Beaten, Turn, Way, turn
from bench.peers.windows import Bench
from bench.throughput import pictures
from bench.throughput.pictures import Origin

Tell: TypeAlias = Callable[[str], None]


@dataclass
class Found:
    """What has been measured so far; filled while the rounds go on, so that Ctrl-C loses none of it."""

    turns: dict[Contender, list[Turn]] = field(default_factory=dict)
    beaten: dict[Contender, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """`minutes` bound the whole: no turn begins later, and no round that would probably end later."""

    contenders: Sequence[Contender]
    clients: Sequence[int]
    rounds: int
    seconds: float
    minutes: float


async def measure(plan: Plan, place: Place, photos: Path | None, found: Found, tell: Tell) -> None:
    """All rounds, into `found`. SIGTERM ends the measuring as Ctrl-C does."""
    measuring = asyncio.current_task()
    assert measuring is not None
    began = time.monotonic()
    with pictures.served(photos) as origin:
        bench = Bench(origin, _own_cpu(), plan.seconds)
        ways = {each: _way(each, place, origin) for each in plan.contenders}
        for number, contender in due(plan, lambda: time.monotonic() - began):
            if contender not in found.beaten:
                asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
                tell(f"round {number} of {plan.rounds}: {contender.title}, {contender.engine}")
                await _one(contender, ways, bench, plan.clients, found, tell)


def due(plan: Plan, elapsed: Callable[[], float]) -> Iterator[tuple[int, Contender]]:
    """Whose turn it is, with the number of the round, until the plan's time is over; `elapsed` in seconds."""
    limit = 60 * plan.minutes
    for number in range(1, plan.rounds + 1):
        if not in_time(number, elapsed(), limit):
            return
        for contender in plan.contenders:
            if elapsed() > limit:
                return
            yield number, contender


def in_time(number: int, elapsed: float, limit: float) -> bool:
    """Whether round `number`, as long as those before were on average, ends within the limit, in seconds."""
    return number == 1 or elapsed * number / (number - 1) <= limit


async def _one(
    contender: Contender,
    ways: Mapping[Contender, Way],
    bench: Bench,
    clients: Sequence[int],
    found: Found,
    tell: Tell,
) -> None:
    try:
        taken = await turn(ways[contender], bench, clients)
    except Beaten as why:
        found.beaten[contender] = str(why)
        tell(f"  {why}")
        return
    found.turns.setdefault(contender, []).append(taken)
    tell(f"  last of the cold burst after {taken.cold.seconds[-1]:.1f} s")
    for each in taken.windows:
        tell(
            f"  {each.clients} at once: {each.per_second:.1f} img/s, p50 {each.p50:.0f} ms, "
            f"{each.cpu:.1f} CPU ms/img, others {each.foreign:.0%}, {each.failed} failed"
        )


def _way(contender: Contender, place: Place, origin: Origin) -> Way:
    if contender.peer == OURS:
        cold, idle, warm = (
            partial(each, place, origin.address) for each in (ours.cold, ours.idle, ours.warm)
        )
        return Way(cold, idle, warm, contender.door)
    launch = partial(running, contender, place)
    return Way(launch, None, launch, contender.door)


def _own_cpu() -> Callable[[], float]:
    """Of this process and of the children it has now, which is the host of pictures."""
    ours = [psutil.Process(), *psutil.Process().children()]

    def spent() -> float:
        total = 0.0
        for each in ours:
            with contextlib.suppress(psutil.Error):
                total += sum(each.cpu_times()[:2])
        return total

    return spent


def to_stderr(text: str) -> None:
    """For `measure`: a line of progress, which is no part of the result."""
    print(text, file=sys.stderr, flush=True)
