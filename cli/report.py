"""`classifycloud report`."""

from pathlib import Path
from typing import Annotated

import typer

from cli import options
from cli.reasons import refusing


def report(
    run: Annotated[
        Path, typer.Argument(help="The folder of a run, the --out of `train`.", file_okay=False)
    ],
    as_json: Annotated[bool, options.json_of("the figures, as in report.json")] = False,
) -> None:
    """Write what came of a training: RUN/report.html, one file with pictures, and RUN/report.json.

    `train` does so at its end; this does it again, or of a run that goes on.
    """
    import json

    with refusing():
        from training.report.making import make

        made = make(run)
    if as_json:
        typer.echo(json.dumps(made.figures.as_json()))
        return
    found = made.figures
    typer.echo(
        f"epoch {found.kept}: top-1 {found.top1:.2%}  top-5 {found.top5:.2%}  of {found.pictures} pictures"
    )
    for said in found.warnings:
        typer.echo(f"over-fitting: {said}")
    typer.echo(made.page)
