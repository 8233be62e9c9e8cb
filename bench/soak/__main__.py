"""`python -m bench.soak`: thousands of jobs while everything fails that may. Nothing may be lost.

`classifycloud up` on a data folder of its own. A worker is killed every 5 s, the front end is restarted
twice, queues and store throttle, fail, lose answers, deliver twice and out of order. Every client must
get the right answer for its picture, once, and every answer must be recorded.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from bench.live.trial import AsJson, Keep, tried
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
    keep: Keep = None,
    as_json: AsJson = False,
) -> None:
    """Soak. Exit 1 when something was lost, wrong or answered twice, or did not settle."""
    terms = Terms(jobs, at_once, every, restarts, (least, most), patience)

    def ran(data: Path) -> Found:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("verdicts", total=jobs)
            return asyncio.run(soak(data, terms, lambda _: bar.advance(task)))

    tried("soak", keep, ran, lambda found: Console().print(table(found)), as_json, (NotRestarted,))


if __name__ == "__main__":
    typer.run(main)
