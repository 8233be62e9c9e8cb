"""`classifycloud models verify`."""

from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import typer

from cli import options
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
    as_json: Annotated[bool, options.json_of("what was found, line by line")] = False,
) -> None:
    """Compare every file with its sha256, load the network, run it, and let it judge pictures."""
    pictures, labels = picture or [], label or []
    if labels and len(labels) != len(pictures):
        misused(f"{len(pictures)} --picture and {len(labels)} --label: give one for each")
    with refusing():
        from training.verifying import Known, verify

        known = [Known(path, name) for path, name in zip_longest(pictures, labels)]
        found = []
        for line in verify(bundle, known):
            found.append(line)
            if not as_json:
                typer.echo(line)
    if as_json:
        typer.echo(options.document(bundle=bundle, found=found))
