"""`python -m bench.scale_in`: count what scale-ins make the queue hand out again, over real processes.

`classifycloud up` on a data folder of its own; its workers take a second for a picture because the
picture's host does. Redeliveries are counted from outside: in the queue's own file, at the host, in the
records. In the end a busy worker is killed, to show that the counting counts.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from bench.live.clients import Clients, clients
from bench.live.origin import Origin, origin
from bench.live.records import worked
from bench.live.service import Service, service
from bench.live.watching import watching
from bench.live.witness import Witness
from bench.scale_in.figures import Found, report, scaled
from bench.scale_in.kill import redelivered_by_a_kill
from bench.scale_in.load import Load

DELAY = 1.0
HOLDS = 4  # pictures that a worker holds, fetched side by side
STORED = 2.0  # seconds; a record is stored up to one second after its answer


def settings(served: Origin, workers: int, policy: str, visibility: int) -> dict[str, object]:
    """Of every process. A quick tick and short delays bring many scale-ins into minutes."""
    return {
        "fetch_allow": served.address,
        "policy": policy,
        "min_workers": 1,
        "max_workers": workers,
        "tick": 1,
        "kill_all_delay": 4,
        "scale_in_delay": 4,
        "target_wait": 2,
        "service_seconds": DELAY / HOLDS,
        "prefetch": HOLDS,
        "fetchers": HOLDS,
        "engine_threads": 1,
        "visibility": visibility,
        "wait": 300,
    }


async def measure(
    data: Path, goal: int, workers: int, policy: str, visibility: int, patience: float
) -> Found:
    """The whole run.

    Raises:
        TimeoutError: so many scale-ins did not come about within `patience` seconds.
    """
    async with (
        origin(DELAY) as served,
        service(data, settings(served, workers, policy, visibility)) as running,
    ):
        await running.ready(1)
        watched = Witness(running.queue_file)
        async with watching(watched), clients(running.url, served) as asking:
            began = time.monotonic()
            async with asyncio.timeout(patience):
                await _scale_in(running, asking, goal, workers * HOLDS)
            seconds = time.monotonic() - began
            missing, doubled = await _records(running, asking)
            found = (scaled(running.diary), asking.codes(), watched.redelivered, served.again())
            control = await redelivered_by_a_kill(
                running.diary, asking, served, watched, workers * HOLDS
            )
    return Found(*found, missing, doubled, seconds, control)


async def _scale_in(running: Service, asking: Clients, goal: int, wave: int) -> None:
    """Keep the load up until so many workers took a terminate message, then let all be answered."""
    load = asyncio.create_task(Load(running.diary, asking, 2 * wave).run())
    with Progress(disable=not sys.stderr.isatty()) as shown:
        task = shown.add_task("scale-ins", total=goal)
        while (done := scaled(running.diary).total) < goal and not load.done():
            shown.update(task, completed=done)
            await asyncio.sleep(0.5)
    load.cancel()
    await asyncio.wait([load])
    await asking.all_answered()


async def _records(running: Service, asking: Clients) -> tuple[int, int]:
    """Answered jobs without a record, and jobs with several."""
    await asyncio.sleep(STORED)
    found = await asyncio.to_thread(worked, running.storage)
    answered = {each.uuid for each in asking.answers if each.ok}
    return len(answered - found.keys()), sum(count > 1 for count in found.values())


def main(
    goal: Annotated[int, typer.Option("--scale-ins", min=1, help="how many to wait for")] = 200,
    workers: Annotated[int, typer.Option(min=3, help="workers at most")] = 6,
    policy: Annotated[str, typer.Option(help="scaling policy")] = "criterion",
    visibility: Annotated[int, typer.Option(min=5, help="the setting, in seconds")] = 30,
    patience: Annotated[float, typer.Option(help="seconds to give up after")] = 3600.0,
    keep: Annotated[Path | None, typer.Option(help="new folder for data and logs, kept")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """Scale in and count. Exit 1 when a job was handed out again, lost, or done twice."""
    data = keep or Path(tempfile.mkdtemp(prefix="bench-scale-in-")) / "data"
    found = asyncio.run(measure(data.resolve(), goal, workers, policy, visibility, patience))
    print(json.dumps(found.as_json()) if as_json else report(found))
    if keep is None and found.holds:
        shutil.rmtree(data.parent)
    elif not found.holds:
        print(f"data and logs: {data}", file=sys.stderr)
    raise typer.Exit(0 if found.holds else 1)


if __name__ == "__main__":
    typer.run(main)
