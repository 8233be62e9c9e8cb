"""`python -m bench.scaling.validate`: how far may the simulator be believed?

Plays arrivals against `classifycloud up` on a data folder of its own, whose workers take one picture at
a time and a second for it, because its host does, and start as late as on a machine that boots. Then
lets `classifycloud simulate` predict the same arrivals with the boot and service times of that very run,
and puts both side by side.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from bench.live.clients import Clients, clients
from bench.live.diary import Diary
from bench.live.origin import Origin, origin
from bench.live.service import service
from bench.scaling.validate import measured
from bench.scaling.validate.arrivals import arrivals, write
from bench.scaling.validate.outcome import Outcome
from bench.scaling.validate.predicted import predict
from bench.scaling.validate.report import Validation, report

TICK = 5.0
# The first one comes that many seconds after a tick: the simulator's come between ticks too.
AFTER = 0.05
LATE = Path(__file__).with_name("late")
SETTLING = 3  # ticks of an idle service before
TAIL = 30.0  # seconds after the last answer, for the last words of those who boot or leave


def settings(served: Origin, policy: str, workers: int) -> dict[str, object]:
    """Of every process: a worker that holds one picture, so that the queue holds all others."""
    return {
        "fetch_allow": served.address,
        "policy": policy,
        "min_workers": 1,
        "max_workers": workers,
        "tick": TICK,
        "prefetch": 1,
        "fetchers": 1,
        "engine_threads": 1,
        "service_seconds": served.delay,
        "boot_seconds": 10,
        "wait": 600,
        "job_deadline": 600,
    }


def options(policy: str, workers: int) -> dict[str, object]:
    """The same for the simulator."""
    return {
        "policy": policy,
        "min-workers": 1,
        "max-workers": workers,
        "tick": TICK,
        "prefetch": 1,
        "paid-minute": 0,
        "deadline": 600,
    }


async def replay(
    data: Path, times: Sequence[float], policy: str, workers: int, delay: float
) -> tuple[Outcome, measured.World]:
    """The arrivals against real processes.

    Raises:
        Spoilt: something went wrong that says nothing about scaling.
    """
    async with (
        origin(delay) as served,
        service(data, settings(served, policy, workers), python_path=LATE) as running,
    ):
        await running.ready(1)
        async with clients(running.url, served) as asking:
            began = await _after_a_tick(running.diary)
            await _ask(asking, times, began)
            await asking.all_answered()
            await asyncio.sleep(TAIL)
            outcome = measured.outcome(running.diary, asking.answers, began)
            world = measured.world(running.diary, asking.answers, served, began, delay)
            return outcome, world


async def _after_a_tick(diary: Diary) -> float:
    """Wait for one; seconds since the epoch at which the first arrival is due."""
    wanted = len(diary.of("tick")) + SETTLING
    while len(diary.of("tick")) < wanted:  # noqa: ASYNC110  the log is all that tells
        await asyncio.sleep(0.01)
    began = diary.of("tick")[-1].at + TICK + AFTER
    await asyncio.sleep(began - time.time())
    return began


async def _ask(asking: Clients, times: Sequence[float], began: float) -> None:
    with Progress(disable=not sys.stderr.isatty()) as shown:
        for due in shown.track(times, description="arrivals"):
            await asyncio.sleep(max(0.0, began + due - time.time()))
            asking.ask()


def main(
    seconds: Annotated[float, typer.Option(min=60, help="of arrivals")] = 600.0,
    policy: Annotated[str, typer.Option(help="scaling policy")] = "criterion",
    workers: Annotated[int, typer.Option(min=2, help="workers at most")] = 6,
    delay: Annotated[float, typer.Option(min=0.1, help="seconds that a picture takes")] = 1.0,
    seed: Annotated[int, typer.Option(help="of the arrivals")] = 3,
    within: Annotated[float, typer.Option(help="deviation that is accepted, a share")] = 0.15,
    keep: Annotated[Path | None, typer.Option(help="new folder for data and logs, kept")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """Replay, predict, compare. Exit 1 when a figure is off by more than is accepted."""
    folder = keep.resolve() if keep else Path(tempfile.mkdtemp(prefix="bench-validate-"))
    folder.mkdir(parents=True, exist_ok=True)
    times = arrivals(seconds, seed)
    write(folder / "arrivals.csv", times)
    outcome, world = asyncio.run(replay(folder / "data", times, policy, workers, delay))
    expected = predict(folder / "arrivals.csv", world, options(policy, workers))
    found = Validation(policy, len(times), world, outcome, expected, within)
    print(json.dumps(found.as_json()) if as_json else report(found))
    if keep is None:
        shutil.rmtree(folder)
    raise typer.Exit(0 if found.holds else 1)


if __name__ == "__main__":
    typer.run(main)
