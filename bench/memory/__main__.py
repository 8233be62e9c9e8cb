"""`python -m bench.memory --bundle DIR`: the memory of every process under steady load, minute by minute.

Resident; of a file that several processes of a part map, what the one has that has most of it, which is at
least what they hold. A crowd comes first, so that the engine meets every size of batch. Exit 1 when a part is
above its limit, or grows after the warm-up.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.progress import Progress as Bars

from bench.live.service import NotStarted, service
from bench.loadtest.arrivals import Phase, even
from bench.loadtest.run import OnTime, Progress, Terms, carry_out
from bench.loadtest.summary import Summary
from bench.memory.held import held
from bench.memory.table import table
from bench.memory.verdict import Sample, judged
from bench.throughput import pictures

WARM_UP = 1 / 3  # of the run
# Few pictures a second bring some sizes of batches only after many minutes, and each takes its memory then.
CROWD = 60.0  # pictures a second
PATIENCE = 130.0

Told = Callable[[Sample], object]


async def measure(
    bundle: Path | None, photos: Path | None, phases: Sequence[Phase], every: float, told: Told
) -> tuple[list[Sample], Summary]:
    """The samples, and what became of the requests."""
    with tempfile.TemporaryDirectory() as folder, pictures.served(photos) as origin:
        settings = {"fetch_allow": origin.address, "min_workers": 1, "max_workers": 1}
        settings["seen_answers"] = (
            0  # the few pictures come again and again, and are to be worked on
        )
        if bundle is not None:
            settings |= {"models": bundle.parents[1], "model": bundle.parent.name}
        async with service(Path(folder) / "data", settings) as running:
            await running.ready(workers=1)
            progress, due = Progress(), OnTime(even(phases))
            pictures_asked = iter(origin.next, None)
            sent = carry_out(due, running.url, pictures_asked, progress, Terms(PATIENCE))
            asking = asyncio.create_task(sent)
            try:
                samples = await _watched(asking, every, told)
                await asking
            finally:
                asking.cancel()
    return samples, Summary.of(progress.outcomes, progress.elapsed)


async def _watched(asking: "asyncio.Task[Any]", every: float, told: Told) -> list[Sample]:
    began, samples = time.monotonic(), []
    while not asking.done():
        samples.append(Sample(time.monotonic() - began, await asyncio.to_thread(held)))
        told(samples[-1])
        due = began + every * len(samples)
        await asyncio.wait([asking], timeout=max(0.0, due - time.monotonic()))
    samples.append(Sample(time.monotonic() - began, await asyncio.to_thread(held)))
    return samples


def main(
    bundle: Annotated[Path | None, typer.Option(help="folder with a manifest.json")] = None,
    photos: Annotated[Path | None, typer.Option(help="folder of JPEGs; made ones if unset")] = None,
    minutes: Annotated[float, typer.Option(min=0.05, help="of load")] = 30.0,
    rate: Annotated[float, typer.Option(min=0.1, help="pictures a second")] = 20.0,
    crowd: Annotated[float, typer.Option(min=0, help="seconds of 60 a second, at first")] = 15.0,
    every: Annotated[float, typer.Option(min=1, help="seconds between looks")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """Memory over time. Exit 1 when a part is over its limit or grows, or requests failed."""
    where = bundle.resolve() if bundle else None
    phases = [Phase(CROWD, crowd), Phase(rate, 60 * minutes)]
    with (
        Bars(console=Console(stderr=True), transient=True) as bar,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        task = bar.add_task("minutes", total=60 * minutes + crowd)

        def told(sample: Sample) -> None:
            bar.update(task, completed=sample.at)
            sizes = ", ".join(f"{part} {size:.0f}" for part, size in sample.sizes.items())
            bar.console.print(f"{sample.at / 60:5.1f} min, MiB: {sizes}", soft_wrap=True)

        try:
            samples, asked = runner.run(measure(where, photos, phases, every, told))
        except NotStarted as error:
            print(error, file=sys.stderr)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
    parts = judged(samples, WARM_UP * samples[-1].at)
    if as_json:
        found = {
            "parts": [part.as_json() for part in parts],
            "requests": asked.as_json(),
            "rate": rate,
        }
        print(json.dumps(found | {"samples": [[each.at, each.sizes] for each in samples]}))
    else:
        print(table(parts))
        print(f"\n{rate:g} pictures a second for {minutes:g} minutes:")
        print(f"{asked.answered} of {asked.requests} answered, errors {dict(asked.errors)}")
    if asked.answered < asked.requests or not all(part.holds for part in parts):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
