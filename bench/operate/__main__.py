"""`python -m bench.operate`: the operator's page open at 50 requests a second for an hour.

Before and after, the same load without the page: the difference is what it costs. Exit 1 when it was not live
at every look, when its memory grows once it is full, or when it costs the service more than 2 % of a core.
"""

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from bench.live.service import NotStarted, Service, service
from bench.loadtest.arrivals import Phase, even
from bench.loadtest.run import OnTime, Progress, Terms, carry_out
from bench.loadtest.summary import Summary
from bench.operate.cost import Meter
from bench.operate.page import Looked, NoBrowser, opened
from bench.operate.verdict import Verdict, judged, told
from bench.throughput import pictures

WARM_UP = 20.0  # seconds of load before anything is counted
PATIENCE = 130.0


async def measure(
    minutes: float, rate: float, alone: float, every: float
) -> tuple[Verdict, Summary]:
    """Load all the time, the page in the middle."""
    length = WARM_UP + 60 * (minutes + 2 * alone) + 30
    with tempfile.TemporaryDirectory() as folder, pictures.served(None) as origin:
        settings = {
            "fetch_allow": origin.address,
            "min_workers": 1,
            "max_workers": 1,
            "seen_answers": 4096,
        }
        async with service(Path(folder) / "data", settings) as running:
            await running.ready(workers=1)
            progress, due = Progress(), OnTime(even([Phase(rate, length)]))
            sent = carry_out(due, running.url, iter(origin.next, None), progress, Terms(PATIENCE))
            asking = asyncio.create_task(sent)
            try:
                verdict = await _watched(running, minutes, alone, every)
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
    return verdict, Summary.of(progress.outcomes, progress.elapsed)


async def _watched(running: Service, minutes: float, alone: float, every: float) -> Verdict:
    await asyncio.sleep(WARM_UP)
    before = await _closed(alone)
    looks: list[Looked] = []
    async with opened(running.url) as page:
        await asyncio.sleep(min(15.0, every))  # it is loaded, and what was there before is read
        began = time.monotonic()
        meter = Meter.read()
        while time.monotonic() - began < 60 * minutes:
            looks.append(await page.look(time.monotonic() - began))
            say(looks[-1])
            await asyncio.sleep(every)
        spent = Meter.read().since(meter)
    await asyncio.sleep(12)  # the reader rests ten seconds after the last one has left
    return judged(looks, spent, [before, await _closed(alone)])


async def _closed(minutes: float) -> dict[str, float]:
    meter = Meter.read()
    await asyncio.sleep(60 * minutes)
    return Meter.read().since(meter)


def say(look: Looked) -> None:
    """A line for each look."""
    live = "live" if look.live else "NOT LIVE"
    print(
        f"{look.at / 60:5.1f} min  {live}, newest tick {look.age:.1f} s old, "
        f"heap {look.heap:.2f} MiB, {look.nodes} nodes",
        file=sys.stderr,
    )


def main(
    minutes: Annotated[float, typer.Option(min=0.2, help="with the page open")] = 60.0,
    rate: Annotated[float, typer.Option(min=0.1, help="requests a second")] = 50.0,
    alone: Annotated[float, typer.Option(min=0.1, help="minutes before and after")] = 5.0,
    every: Annotated[float, typer.Option(min=1, help="seconds between looks")] = 30.0,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """The page, left open. Exit 1 when it is not live, grows, or costs too much."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            verdict, asked = runner.run(measure(minutes, rate, alone, every))
    except (NotStarted, NoBrowser) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if as_json:
        print(json.dumps(asdict(verdict) | {"serving": verdict.serving, "holds": verdict.holds}))
    else:
        print(told(verdict))
        print(
            f"load      {asked.answered} of {asked.requests} answered, errors {dict(asked.errors)}"
        )
    if not verdict.holds:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
