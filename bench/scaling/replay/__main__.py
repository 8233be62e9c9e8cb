"""`python -m bench.scaling.replay`: every policy on the same traffic, three boot times, simulated."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from bench.scaling.replay.runs import Run, replayed
from bench.scaling.replay.setups import SETUPS, Setup, missing, traffic
from bench.scaling.replay.tables import side_by_side, verdicts

TRACES = Path(__file__).parents[3].parent / "shared" / "traces"
LEGEND = (
    "p99 wait in seconds · cost in dollars at 0.10 $ an hour of a worker; in brackets the pictures that "
    "missed a deadline of 120 s."
)
JUDGED = (
    "p99 wait and cost as shares of the rival's; bold: the rival is dominated (at most half the wait at "
    "no higher cost, or at most 70 % of the cost at no longer a wait)."
)


def replay(setup: Setup, folder: Path, bar: Progress) -> list[Run]:
    """All runs of one setup."""
    wanted = list(traffic(setup, folder))
    return [
        run for each in bar.track(wanted, description=setup.title) for run in replayed(setup, each)
    ]


def main(
    traces: Annotated[Path, typer.Option(help="folder of the two real traces")] = TRACES,
    out: Annotated[Path | None, typer.Option(help="also write all figures, as JSON")] = None,
) -> None:
    """Print the tables in Markdown."""
    for path in missing(traces):
        print(f"{path} is not here: its columns are left out", file=sys.stderr)
    found = {}
    with Progress(console=Console(stderr=True), transient=True) as bar:
        for setup in SETUPS:
            runs = found[setup.title] = replay(setup, traces, bar)
            print(f"{side_by_side(setup.title, runs)}\n\n{LEGEND}\n")
            if any(run.judged for run in runs):
                print(
                    f"**{setup.title}: the real traces judged**\n\n{verdicts(runs)}\n\n{JUDGED}\n"
                )
    if out is not None:
        rows = {title: [asdict(run) for run in runs] for title, runs in found.items()}
        out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
