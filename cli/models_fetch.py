"""`classifycloud models fetch`."""

from pathlib import Path
from typing import Annotated

import typer

from cli import options
from cli.exits import misused
from cli.models_import import WEIGHTS
from cli.reasons import refusing


def fetch(
    name: Annotated[str, typer.Argument(help="One of `classifycloud models list --zoo`.")],
    to: Annotated[Path, typer.Option(help="Where the files are put.")] = WEIGHTS,
    weights: Annotated[
        Path | None, typer.Option(help="A file, or the folder it is in, instead of the network.")
    ] = None,
    as_json: Annotated[bool, options.json_of("the files")] = False,
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
        files = [path] if weights is not None else [path, fetch(CLASS_INDEX, to)]
    typer.echo(options.document(files=files) if as_json else "\n".join(map(str, files)))
    typer.echo(f"now: classifycloud models import {name} --weights {path}", err=True)
