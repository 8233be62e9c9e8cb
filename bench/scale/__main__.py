"""`python -m bench.scale`: one worker and two, a backlog from 10 to 100 000, and from that 1 000 instances.

All of it on this machine: two workers share its cores with everything else, so that a second one gains what
the first left idle. Exit 1 when throughput at any depth is not within a tenth of the median over
all depths (CPU a picture, where others took the machine meanwhile), when a depth was not kept, or when
pictures failed.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console

from bench.live.service import NotStarted
from bench.scale import tables
from bench.scale.backlog import HELD
from bench.scale.depth import astray, by_depth, disturbed, flat
from bench.scale.projection import Measured, Quotas, projected
from bench.scale.window import Window
from bench.scale.workers import by_workers

WORKERS = (1, 2)
DEPTHS = (10, 100, 1_000, 10_000, 100_000)
FLEETS = (10, 100, 1_000)


def measured(window: Window) -> Measured:
    """What one worker on this machine's cores did."""
    return Measured(
        per_second=window.per_second,
        sqs_calls=window.sqs,
        puts=window.puts,
        front_end_ms=window.cpu.get("front end", 0.0),
        cores=os.cpu_count() or 1,
        held=HELD,
    )


def main(
    bundle: Annotated[
        Path | None, typer.Option(help="folder with a manifest.json; the bundled model if unset")
    ] = None,
    photos: Annotated[Path | None, typer.Option(help="folder of JPEGs; made ones if unset")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="of each window")] = 10.0,
    clients: Annotated[int, typer.Option(min=1, help="at once, with one worker and with two")] = 40,
    deepest: Annotated[int, typer.Option(min=10, help="messages that wait at most")] = 100_000,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """Throughput, CPU and calls by workers and by backlog, and what follows for a fleet."""
    told = Console(stderr=True).print
    depths = [depth for depth in DEPTHS if depth <= deepest]
    # The few pictures are served again and again under new addresses: each must be worked on anew.
    settings: dict[str, object] = {"seen_answers": 0, "prefetch": HELD}
    if bundle is not None:
        place = bundle.resolve()
        settings |= {"models": place.parents[1], "model": place.parent.name}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            workers = runner.run(by_workers(settings, photos, WORKERS, clients, seconds, told))
            backlog = runner.run(by_depth(settings, photos, depths, seconds, told))
        except (NotStarted, RuntimeError) as error:
            print(error, file=sys.stderr)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
    if as_json:
        print(json.dumps(_json(workers, backlog), indent=1))
    else:
        print(_text(workers, backlog))
    raise typer.Exit(0 if flat(backlog) and not astray(backlog) else 1)


def _json(workers: dict[int, Window], backlog: dict[int, Window]) -> dict[str, Any]:
    one, quotas = measured(workers[1]), Quotas.read()
    return {
        "cores": os.cpu_count(),
        "workers": {count: window.as_json() for count, window in workers.items()},
        "depth": {depth: window.as_json() for depth, window in backlog.items()},
        "flat": flat(backlog),
        "astray": astray(backlog),
        "disturbed": disturbed(backlog),
        "fleets": [projected(one, quotas, count).as_json() for count in FLEETS],
    }


def _text(workers: dict[int, Window], backlog: dict[int, Window]) -> str:
    quotas = Quotas.read()
    fleets = [projected(measured(workers[1]), quotas, count) for count in FLEETS]
    cores, drawn = os.cpu_count(), "A fleet, from the first row"
    if disturbed({1: workers[1]}):
        drawn += (
            " (too slow by what others took, and its $ too high: run it again on a quiet machine)"
        )
    said = "flat within a tenth" if flat(backlog) else "NOT FLAT within a tenth"
    if disturbed(backlog):
        said += ", in CPU a picture: others took the machine, run it again for the rate"
    if missed := astray(backlog):
        said += f"; DEPTH NOT KEPT at {', '.join(f'{depth:,}' for depth in missed)}"
    return "\n\n".join(
        (
            f"Through the whole service; all workers share {cores} cores with everything else:",
            tables.windows("workers", workers, tables.first(workers)),
            f"One worker by what waits in the queue ({said}):",
            tables.windows("waiting", backlog, tables.middle(backlog)),
            f"{drawn}; assumptions in bench/scale/projection.py and aws.json:",
            tables.fleets(fleets, quotas),
        )
    )


if __name__ == "__main__":
    typer.run(main)
