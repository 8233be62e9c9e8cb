"""`python -m bench.flood`: a quiet client's p95 alone, beside one that keeps its limit, and beside the same
one at ten times its limit.

A service of its own with real processes, a key for each of the two. Phases take turns, because what
else the machine does changes by the minute.
"""

import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated, Any

import typer
import uvloop
from rich.progress import track

from bench.flood.flooder import Flooder, flooder
from bench.flood.paced import Paced, statuses
from bench.live.keys import key
from bench.live.line import Reply
from bench.live.origin import origin
from bench.live.service import service

PHASES: Mapping[str, float] = {"alone": 0, "at limit": 1, "flood": 10}  # times the loud one's limit
SETTLING = 4.0  # seconds between phases: its bucket fills, its answers come
ALLOWED = 1.2  # of the quiet client's p95


class Rounds:
    """Takes the phases in turn.

    Args:
        quiet: the client that is measured.
        loud: the one beside it.
        rate: requests a second of the quiet one.
        limit: of the loud one.
        seconds: of each phase.
    """

    def __init__(
        self, quiet: Paced, loud: Flooder, rate: float, limit: float, seconds: float
    ) -> None:
        self._quiet = quiet
        self._loud = loud
        self._rate = rate
        self._limit = limit
        self._seconds = seconds
        self.replies: dict[str, list[list[Reply]]] = {name: [] for name in PHASES}
        self.others: dict[str, dict[int, int]] = {}

    async def take(self, phase: str) -> None:
        """One phase, and the quiet after it."""
        rate = self._limit * PHASES[phase]
        if rate:
            self._loud.start(rate, self._seconds)
        self.replies[phase].append(await self._quiet.ask(self._rate, self._seconds))
        if rate:
            self.others[phase] = await self._loud.ended()
        await asyncio.sleep(SETTLING)


async def measure(
    rounds: int, seconds: float, workers: int, rate: float, limit: float
) -> dict[str, Any]:
    """Every phase so many times; the figures."""
    # Both clients have this machine's address; what is measured is the limit of the key.
    workers_kept = {"min_workers": workers, "max_workers": workers}
    settings = {"access": "keys", "address_rate": 0} | workers_kept
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        async with (
            origin(0.0) as pictures,
            service(data, settings | {"fetch_allow": pictures.address}) as running,
        ):
            await running.ready(workers)
            limited = ("--rate", str(limit), "--burst", str(round(limit)))
            shown, other = await key(data, "quiet"), await key(data, "loud", *limited)
            await asyncio.sleep(2 * SETTLING)
            quiet = Paced(running.url, shown, lambda number: pictures.url(f"quiet-{number}.jpg"))
            async with flooder(running.url, other, pictures.address) as loud:
                taking = Rounds(quiet, loud, rate, limit, seconds)
                await quiet.ask(rate, SETTLING)
                for phase in track([*PHASES] * rounds, "measuring", transient=True):
                    await taking.take(phase)
            quiet.close()
            return figures(taking.replies, taking.others)


def figures(
    replies: Mapping[str, Sequence[list[Reply]]], others: Mapping[str, dict[int, int]]
) -> dict[str, Any]:
    """Of every phase p95 and statuses, the loud client's last ones beside; and what the flood changes."""
    shown: dict[str, Any] = {
        name: _phase(list(chain.from_iterable(phases))) | {"loud": others.get(name, {})}
        for name, phases in replies.items()
    }
    for name in ("alone", "at limit"):
        pairs = zip(replies[name], replies["flood"], strict=True)
        ratios = [round(p95(flood) / p95(before), 3) for before, flood in pairs]
        shown[f"flood to {name}"] = {
            "ratio": round(shown["flood"]["p95_ms"] / shown[name]["p95_ms"], 3),
            "median_of_rounds": median(ratios),
            "rounds": ratios,
            "allowed": ALLOWED,
        }
    return shown


def _phase(replies: Sequence[Reply]) -> dict[str, Any]:
    return {
        "p95_ms": round(p95(replies), 1),
        "statuses": statuses(replies),
        "parts_p95_ms": parts(replies),
    }


def p95(replies: Sequence[Reply]) -> float:
    """The 95th percentile in milliseconds of what was answered with labels."""
    return quantiles([1000 * r.seconds for r in replies if r.status == 200], n=20)[-1]


def parts(replies: Sequence[Reply]) -> dict[str, float]:
    """The same of each part of the time, as the service tells it."""
    told = [json.loads(r.body)["timings"] for r in replies if r.status == 200 and r.body]
    names = told[0] if told else ()
    return {name: round(quantiles([each[name] for each in told], n=20)[-1], 1) for name in names}


def main(
    rounds: Annotated[int, typer.Option(min=1, help="of all three phases")] = 5,
    seconds: Annotated[float, typer.Option(min=4, help="of each phase")] = 15.0,
    workers: Annotated[int, typer.Option(min=1)] = 1,
    rate: Annotated[float, typer.Option(min=1, help="requests a second of the quiet client")] = 10,
    limit: Annotated[float, typer.Option(min=1, help="of the loud client")] = 10,
) -> None:
    """A quiet client's p95, alone and while another floods."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(measure(rounds, seconds, workers, rate, limit))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    typer.run(main)
