"""`python -m bench.versions OTHER`: this checkout's service beside another's, by turns, in one run.

A machine wavers by more than most changes bring; what both did a moment after each other can be compared.

    git worktree add ../other COMMIT && python -m bench.versions ../other

From d0917b2 on: processes of earlier versions import from where they are started.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
import uvloop
from rich.progress import track

from bench.live.service import NotStarted, Service
from bench.throughput import asking, pictures
from bench.throughput.calls import Calls
from bench.throughput.ledger import Ledger
from bench.throughput.subject import (
    BundleOption,
    ClientsOption,
    PhotosOption,
    bundle_or_stand_in,
    one_worker,
)

OURS = Path(__file__).resolve().parent.parent
SWITCH = 0.7  # seconds of the same load before each window


@dataclass(frozen=True, slots=True)
class Window:
    """Of one version under load; `cpu` in seconds of all its processes, `calls` to SQS, both a picture."""

    per_second: float
    median_wait: float
    failed: int
    cpu: float
    calls: float


def compared(ours: Sequence[Window], theirs: Sequence[Window]) -> dict[str, Any]:
    """Medians of both, and of the ratios between windows that followed each other."""
    pairs = list(zip(ours, theirs, strict=True))
    return {
        "ours": _medians(ours),
        "theirs": _medians(theirs),
        "rates": [[round(each.per_second, 1) for each in pair] for pair in pairs],
        "rate_over_theirs": round(median(our.per_second / its.per_second for our, its in pairs), 3),
        "cpu_over_theirs": round(median(our.cpu / its.cpu for our, its in pairs), 3),
    }


def _medians(windows: Sequence[Window]) -> dict[str, float]:
    return {
        "per_second": round(median(each.per_second for each in windows), 1),
        "p50_ms": round(median(1000 * each.median_wait for each in windows), 1),
        "cpu_ms": round(median(1000 * each.cpu for each in windows), 2),
        "sqs_calls": round(median(each.calls for each in windows), 3),
        "failed": sum(each.failed for each in windows),
    }


async def _window(
    running: Service, origin: pictures.Origin, clients: int, seconds: float
) -> Window:
    await asking.ask(running.url, origin, clients, SWITCH)
    ledger, calls = Ledger(running.pid), Calls(running.queues, running.storage)
    answers = await asking.ask(running.url, origin, clients, seconds)
    done = len(answers.seconds)
    if not done:
        raise NotStarted(f"nothing was answered in {seconds:g} s, see {running.data}/logs")
    spent, made = sum(ledger.spent().values()), calls.made().sqs
    return Window(
        answers.per_second, answers.quantile(0.5), answers.failed, spent / done, made / done
    )


async def measure(
    other: Path, bundle: Path, photos: Path | None, clients: int, rounds: int, seconds: float
) -> dict[str, Any]:
    """The figures of all rounds."""
    async with AsyncExitStack() as ending:
        origin = ending.enter_context(pictures.served(photos))
        versions = [
            await ending.enter_async_context(one_worker(bundle, origin, clients, checkout))
            for checkout in (OURS, other)
        ]
        windows: list[list[Window]] = [[], []]
        for turn in track(range(rounds), "measuring", transient=True):
            # By turns the first, so that a machine that slows down favors neither.
            both = list(zip(versions, windows, strict=True))
            for running, found in both if turn % 2 else reversed(both):
                found.append(await _window(running, origin, clients, seconds))
    return compared(*windows)


def main(
    other: Annotated[Path, typer.Argument(help="another checkout", exists=True, file_okay=False)],
    bundle: BundleOption = None,
    photos: PhotosOption = None,
    clients: ClientsOption = 40,
    rounds: Annotated[int, typer.Option(min=1)] = 9,
    seconds: Annotated[float, typer.Option(min=1, help="of each window")] = 4.0,
) -> None:
    """Pictures a second, waits, CPU and calls to SQS of this version and another, by turns."""
    if not (other / "worker" / "__main__.py").is_file():
        raise typer.BadParameter(f"{other} is no checkout of this project")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(
            measure(other.resolve(), bundle_or_stand_in(bundle), photos, clients, rounds, seconds)
        )
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    typer.run(main)
