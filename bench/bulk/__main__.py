"""`python -m bench.bulk`: a bulk job whose service is killed under it, part after part.

`classifycloud up` on a data folder of its own, a loopback host with pictures whose right answer is known. One
after the other a worker, the front end, the queue, the store and the balancer are ended by SIGKILL while the
job runs. It must end with a line for every row, once, in order, each right.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from bench.bulk.client import Refused
from bench.bulk.found import Found, shown
from bench.bulk.killing import NotBack
from bench.bulk.run import Terms, run
from bench.live.trial import AsJson, Keep, tried


def main(
    rows: Annotated[int, typer.Option(min=1, help="pictures")] = 10_000,
    rounds: Annotated[int, typer.Option(min=0, help="times that each part is killed")] = 2,
    workers: Annotated[int, typer.Option(min=1, help="workers")] = 2,
    keep: Keep = None,
    as_json: AsJson = False,
) -> None:
    """Exit 1 when a row is missing, doubled, wrong or out of order, or a part was not killed."""
    terms = Terms(rows, rounds, (workers, workers))

    def ran(data: Path) -> Found:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("rows", total=rows)

            def told(found: Mapping[str, Any]) -> None:
                bar.update(task, completed=found["done"], description=found["status"])

            return asyncio.run(run(data, terms, told))

    tried("bulk", keep, ran, lambda found: print(shown(found)), as_json, (NotBack, Refused))


if __name__ == "__main__":
    typer.run(main)
