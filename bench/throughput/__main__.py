"""`python -m bench.throughput`: the whole service beside the bare engine, in one run, on the same cores.

Rounds by turns: the engine alone on batches of ready pictures, then the service with so many clients that
each ask anew as soon as they are answered. Every request names a picture of its own.
"""

import asyncio
import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
import uvloop
from rich.progress import track

from bench.live.service import Service, service
from bench.live.stand_in import stand_in
from bench.throughput import asking, bare, pictures
from bench.throughput.ledger import Ledger, Spent

ENOUGH = 0.85


async def measure(
    bundle: Path, photos: Path | None, clients: int, rounds: int, seconds: float
) -> dict[str, Any]:
    """The figures of all rounds."""
    with tempfile.TemporaryDirectory() as folder, pictures.served(photos) as origin:
        settings = {
            "models": bundle.parents[1],
            "model": bundle.parent.name,
            "fetch_allow": origin.address,
            "min_workers": 1,
            "max_workers": 1,
            "seen_answers": 0,  # the same pictures come under ever new addresses, and are to be worked on
        }
        async with service(Path(folder) / "data", settings) as running:
            await running.ready(workers=1)
            await asking.hammer(running.url, origin, clients, 3.0)
            found = [
                await _round(running, origin, bundle, clients, seconds)
                for _ in track(range(rounds), "measuring", transient=True)
            ]
            alone = await asking.hammer(running.url, origin, 1, seconds)
    return told(found, alone)


async def _round(
    running: Service, origin: pictures.Origin, bundle: Path, clients: int, seconds: float
) -> tuple[bare.Pace, asking.Answers, Spent]:
    pace = await bare.engine(bundle, 16, seconds)
    ledger = Ledger()
    answers = await asking.hammer(running.url, origin, clients, seconds)
    return pace, answers, ledger.spent()


def told(
    rounds: list[tuple[bare.Pace, asking.Answers, Spent]], alone: asking.Answers
) -> dict[str, Any]:
    """Ratios round by round; CPU in milliseconds a picture, by part."""
    ratios = [answers.per_second / pace.per_second for pace, answers, _ in rounds]
    parts = {part for _, _, spent in rounds for part in spent}
    cpu = {
        part: median(1000 * spent.get(part, 0.0) / len(a.seconds) for _, a, spent in rounds)
        for part in sorted(parts)
    }
    inside = median(1000 * pace.cpu / pace.pictures for pace, _, _ in rounds)
    return {
        "ratio": round(median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "service_per_second": [round(answers.per_second, 1) for _, answers, _ in rounds],
        "engine_per_second": [round(pace.per_second, 1) for pace, _, _ in rounds],
        "failed": sum(answers.failed for _, answers, _ in rounds) + alone.failed,
        "p50_ms": round(median(1000 * a.quantile(0.5) for _, a, _ in rounds), 1),
        "p99_ms": round(median(1000 * a.quantile(0.99) for _, a, _ in rounds), 1),
        "alone_p50_ms": round(1000 * alone.quantile(0.5), 1),
        "alone_p99_ms": round(1000 * alone.quantile(0.99), 1),
        "cpu_ms": {part: round(ms, 2) for part, ms in cpu.items()},
        "engine_cpu_ms": round(inside, 2),
        "outside_model_cpu_ms": round(sum(cpu.values()) - inside, 2),
    }


def main(
    bundle: Annotated[
        Path | None,
        typer.Option(help="bundle to serve; InceptionV3 int8, random weights, if unset"),
    ] = None,
    photos: Annotated[Path | None, typer.Option(help="folder of JPEGs; made ones if unset")] = None,
    clients: Annotated[int, typer.Option(min=1, help="at once")] = 40,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    seconds: Annotated[float, typer.Option(min=1, help="of each phase")] = 10.0,
    least: Annotated[float, typer.Option(help="the ratio that must be reached")] = ENOUGH,
) -> None:
    """Pictures a second end to end, as a share of the bare engine's."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(
            measure((bundle or stand_in()).resolve(), photos, clients, rounds, seconds)
        )
    print(json.dumps(found, indent=1))
    if found["failed"] or found["ratio"] < least:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
