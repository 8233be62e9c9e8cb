"""`python -m bench.soak`: thousands of jobs while everything fails that may. Nothing may be lost.

`classifycloud up` on a data folder of its own. A worker is killed every 5 s, the front end is restarted
twice, queues and store throttle, fail, lose answers, deliver twice and out of order. Every client must
get the right answer for its picture, once, and every answer must be recorded.
"""

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from bench.live.service import NotStarted
from bench.soak.found import Found
from bench.soak.front_end import NotRestarted
from bench.soak.report import table
from bench.soak.run import Terms, soak


def main(
    jobs: Annotated[int, typer.Option(min=1, help="pictures that are asked for")] = 10_000,
    at_once: Annotated[int, typer.Option(min=1, help="clients that wait at the same time")] = 64,
    every: Annotated[float, typer.Option(min=0.5, help="seconds between kills of workers")] = 5.0,
    restarts: Annotated[int, typer.Option(min=0, help="of the front end")] = 2,
    least: Annotated[int, typer.Option(min=1, help="workers that are always kept")] = 2,
    most: Annotated[int, typer.Option(min=1, help="workers that are never exceeded")] = 4,
    patience: Annotated[float, typer.Option(min=1, help="seconds until a client gives up")] = 900.0,
    keep: Annotated[Path | None, typer.Option(help="new folder for data and logs, kept")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """Soak. Exit 1 when something was lost, wrong or answered twice, or did not settle."""
    folder = keep or Path(tempfile.mkdtemp(prefix="bench-soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    terms = Terms(jobs, at_once, every, restarts, (least, most), patience)
    try:
        found = _run((folder / "data").resolve(), terms)
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("Stopped, and the service with it.", file=sys.stderr)
        raise typer.Exit(130) from None
    except (NotStarted, NotRestarted) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    if as_json:
        print(json.dumps(found.as_json()))
    else:
        Console().print(table(found))
    if keep is None and found.holds:
        shutil.rmtree(folder)
    elif not found.holds:
        print(f"data and logs: {folder}", file=sys.stderr)
    raise typer.Exit(0 if found.holds else 1)


def _run(data: Path, terms: Terms) -> Found:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("verdicts", total=terms.jobs)
        return asyncio.run(soak(data, terms, lambda _: bar.advance(task)))


if __name__ == "__main__":
    typer.run(main)
