"""`classifycloud models publish`: a bundle into the bucket, and into service."""

from pathlib import Path
from typing import Annotated

import typer

from cli import deployment
from cli.deployment import Data
from cli.exits import failed

KNOWN_WITHIN = 10  # seconds; wire.index_store


def share(text: str) -> float:
    """A share such as 10% or 0.1; typer.BadParameter for what is none, or not from 1 to 50 %."""
    from wire.index import LEAST, MOST

    number, percent = text.strip().removesuffix("%"), text.strip().endswith("%")
    try:
        found = float(number) / (100 if percent else 1)
    except ValueError:
        found = 0.0
    if not LEAST <= found <= MOST:
        raise typer.BadParameter(f"{text!r} is no share from 1% to 50%. Give one such as 10%.")
    return found


def publish(
    bundle: Annotated[
        Path,
        typer.Argument(help="The bundle's folder, the one with manifest.json.", file_okay=False),
    ],
    default: Annotated[
        bool, typer.Option("--default", help="It also answers requests that name no model.")
    ] = False,
    canary: Annotated[
        float | None,
        typer.Option(
            parser=share,
            metavar="SHARE",
            help="It answers this share of its model's requests at first, 1% to 50%.",
            show_default="all of them",
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Put a bundle into the bucket, verified, and into service.

    Workers load it beside the version that serves and switch between two batches. A canary that fails more
    than that version, or is slower, is taken back by itself; `models promote` puts it into service for all.
    A publish that breaks off changes nothing that is in service; run again, it goes on where it was.
    """
    from classifier.errors import BundleBroken
    from cli.models_bar import Bar
    from cli.models_publish_work import Broken, Plan, prepared, stored
    from cli.models_serve import changed
    from wire.index import IndexRefused

    try:
        plan = prepared(bundle, Plan(canary=canary, default=default))
        place = deployment.find(data)
        plan.refuse(changed(place, lambda index: index))
        with Bar() as bar:
            stored(plan, deployment.files(place), bar)
    except (BundleBroken, Broken, IndexRefused) as error:
        failed(str(error))
    index = changed(place, plan.over)
    answers = "requests that name none" if index.default == plan.name else f"`model={plan.name}`"
    part = "all" if canary is None else f"{canary:.0%} of"
    typer.echo(
        f"{plan.name} {plan.version} is in {place.where} and answers {part} {answers}; "
        f"every worker knows within {KNOWN_WITHIN} s."
    )
