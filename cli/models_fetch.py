"""`classifycloud models fetch`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.exits import misused
from cli.models_import import WEIGHTS
from cli.reasons import refusing


def fetch(
    name: Annotated[str, typer.Argument(help="One of `classifycloud models list --zoo`.")],
    to: Annotated[Path, typer.Option(help="Where the files are put.")] = WEIGHTS,
    weights: Annotated[
        Path | None, typer.Option(help="A file, or the folder it is in, instead of the network.")
    ] = None,
) -> None:
    """Fetch a network's ImageNet weights, and its classes; both are compared with their known hashes.

    Where that fails there is no file; what has come is kept beside, and the same command goes on behind it.
    """
    with refusing():
        from classifier.zoo import CLASS_INDEX, ZOO
        from training.fetching import fetch, take

        if name not in ZOO:
            misused(f"no network {name!r} is known; there are: {', '.join(ZOO)}")
        download = ZOO[name].weights
        path = take(download, weights, to) if weights else fetch(download, to)
        typer.echo(path)
        if weights is None:
            typer.echo(fetch(CLASS_INDEX, to))
    typer.echo(f"now: classifycloud models import {name} --weights {path}", err=True)
