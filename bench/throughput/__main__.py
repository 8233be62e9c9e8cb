"""`python -m bench.throughput`: the whole service beside the bare engine, in one run, on the same cores.

Rounds by turns: the engine alone on batches of ready pictures, then the service with so many clients that
each ask anew as soon as they are answered. Every request names a picture of its own.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
import uvloop
from rich.progress import track

from bench.live.closed_loop import Answers
from bench.live.service import Service
from bench.throughput import asking, bare, pictures
from bench.throughput.calls import Calls, Made
from bench.throughput.ledger import CLIENTS, OTHER, Ledger, Spent
from bench.throughput.subject import (
    BundleOption,
    ClientsOption,
    PhotosOption,
    bundle_or_stand_in,
    one_worker,
)

ENOUGH = 0.85
BATCH = 16  # of the bare engine
GUESTS = (CLIENTS, OTHER, "host of pictures")  # not of the service


@dataclass(frozen=True, slots=True)
class Round:
    """The bare engine, then the whole service: its answers, its CPU by part, its calls."""

    pace: bare.Pace
    answers: Answers
    spent: Spent
    made: Made

    @property
    def ratio(self) -> float:
        return self.answers.per_second / self.pace.per_second


@dataclass(frozen=True, slots=True)
class Lone:
    """One picture at a time: the bare engine, then one client."""

    pace: bare.Pace
    answers: Answers


async def measure(
    bundle: Path, origin: pictures.Origin, clients: int, rounds: int, seconds: float
) -> dict[str, Any]:
    """The figures of all rounds."""
    async with one_worker(bundle, origin, clients) as running:
        found = [
            await _round(running, origin, bundle, clients, seconds)
            for _ in track(range(rounds), "measuring", transient=True)
        ]
        pace = await bare.engine(bundle, 1, seconds)
        lone = Lone(pace, await asking.ask(running.url, origin, 1, seconds))
    return told(found, lone)


async def _round(
    running: Service, origin: pictures.Origin, bundle: Path, clients: int, seconds: float
) -> Round:
    pace = await bare.engine(bundle, BATCH, seconds)
    ledger, calls = Ledger(), Calls(running.queues, running.storage)
    answers = await asking.ask(running.url, origin, clients, seconds)
    return Round(pace, answers, ledger.spent(), calls.made())


def told(rounds: list[Round], lone: Lone) -> dict[str, Any]:
    """Ratios round by round; CPU in milliseconds and calls a picture, by part."""
    parts = sorted({part for each in rounds for part in each.spent})
    cpu = {
        part: median(
            1000 * each.spent.get(part, 0.0) / len(each.answers.seconds) for each in rounds
        )
        for part in parts
    }
    engine = median(1000 * each.pace.cpu / each.pace.pictures for each in rounds)
    outside = sum(cpu.values()) - engine
    done = sum(len(each.answers.seconds) for each in rounds)
    return {
        "ratio": round(median(each.ratio for each in rounds), 3),
        "ratios": [round(each.ratio, 3) for each in rounds],
        "service_per_second": [round(each.answers.per_second, 1) for each in rounds],
        "engine_per_second": [round(each.pace.per_second, 1) for each in rounds],
        "failed": sum(each.answers.failed for each in rounds) + lone.answers.failed,
        "p50_ms": round(median(1000 * each.answers.quantile(0.5) for each in rounds), 1),
        "p99_ms": round(median(1000 * each.answers.quantile(0.99) for each in rounds), 1),
        "lone_p50_ms": round(1000 * lone.answers.quantile(0.5), 1),
        "lone_p99_ms": round(1000 * lone.answers.quantile(0.99), 1),
        "lone_engine_ms": round(1000 / lone.pace.per_second, 1),
        "cpu_ms": {part: round(ms, 2) for part, ms in cpu.items()},
        "engine_cpu_ms": round(engine, 2),
        "outside_model_cpu_ms": round(outside, 2),
        "service_outside_model_cpu_ms": round(
            outside - sum(cpu.get(part, 0) for part in GUESTS), 2
        ),
        "sqs_calls": round(sum(each.made.sqs for each in rounds) / done, 3),
        "s3_puts": round(sum(each.made.puts for each in rounds) / done, 3),
    }


def main(
    bundle: BundleOption = None,
    photos: PhotosOption = None,
    mean: Annotated[
        int,
        typer.Option(min=0, help="bytes of a JPEG of the folder; its largest are left out then"),
    ] = 0,
    clients: ClientsOption = 40,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    seconds: Annotated[float, typer.Option(min=1, help="of each phase")] = 10.0,
    least: Annotated[float, typer.Option(help="the ratio that must be reached")] = ENOUGH,
) -> None:
    """Pictures a second end to end, as a share of the bare engine's."""
    if photos is not None and not pictures.chosen(photos, mean):
        raise typer.BadParameter(f"{photos} has no JPEGs of {mean or 'any'} bytes on average")
    if mean and photos is None:
        raise typer.BadParameter("--mean chooses among those of --photos")
    bundle = bundle_or_stand_in(bundle)
    with (
        pictures.served(photos, mean=mean) as origin,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        found = runner.run(measure(bundle, origin, clients, rounds, seconds))
    print(json.dumps(found, indent=1))
    if found["failed"] or found["ratio"] < least:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
