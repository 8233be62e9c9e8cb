"""`classifycloud models verify`."""

from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import typer

from cli.exits import misused
from cli.models_evaluate import BundleFolder
from cli.reasons import refusing


def verify(
    bundle: BundleFolder,
    picture: Annotated[
        list[Path] | None, typer.Option(help="A picture to classify; may be given again.")
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(help="The name or id that the picture at that place must get."),
    ] = None,
) -> None:
    """Compare every file with its sha256, load the network, run it, and let it judge pictures."""
    pictures, labels = picture or [], label or []
    if labels and len(labels) != len(pictures):
        misused(f"{len(pictures)} --picture and {len(labels)} --label: give one for each")
    with refusing():
        from training.verifying import Known, verify

        known = [Known(path, name) for path, name in zip_longest(pictures, labels)]
        for line in verify(bundle, known):
            typer.echo(line)
