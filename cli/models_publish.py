"""`classifycloud models publish`: a bundle, or what a training came to, into the bucket and into service."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import deployment, options
from cli.deployment import Data, Deployment
from cli.exits import failed, misused

if TYPE_CHECKING:
    from cli.models_publish_work import Plan
    from wire.index import Index

KNOWN_WITHIN = 10  # seconds; wire.index_store


def share(text: str) -> float:
    """A share such as 10% or 0.1; typer.BadParameter for what is none, or not from 1 to 50 %."""
    from wire.index import LEAST, MOST

    found = _number(text)
    if not LEAST <= found <= MOST:
        raise typer.BadParameter(f"{text!r} is no share from 1% to 50%. Give one such as 10%.")
    return found


def accuracy(text: str) -> float:
    """A share such as 80% or 0.8; typer.BadParameter for what is none."""
    found = _number(text)
    if not 0 <= found <= 1:
        raise typer.BadParameter(f"{text!r} is no share. Give one such as 80%.")
    return found


Folder = Annotated[
    Path,
    typer.Argument(
        metavar="BUNDLE|RUN",
        help="A bundle's folder, the one with manifest.json, or that of a training run.",
        file_okay=False,
    ),
]
Default = Annotated[
    bool, typer.Option("--default", help="It also answers requests that name no model.")
]
Canary = Annotated[
    float | None,
    typer.Option(
        parser=share,
        metavar="SHARE",
        help="It answers this share of its model's requests at first, 1% to 50%.",
        show_default="all of them",
    ),
]
Name = Annotated[
    str | None, typer.Option(help="What a run's model is called.", show_default="as its folder")
]
Version = Annotated[
    str | None, typer.Option(help="A run's version.", show_default="the next number")
]
Least = Annotated[
    float | None,
    typer.Option(parser=accuracy, metavar="SHARE", help="Refuse what has less top-1."),
]
Anyway = Annotated[bool, typer.Option("--anyway", help="Whatever its figures say.")]


def publish(
    bundle: Folder,
    default: Default = False,
    canary: Canary = None,
    name: Name = None,
    version: Version = None,
    least: Least = None,
    anyway: Anyway = False,
    data: Data = None,
    as_json: Annotated[bool, options.json_of("the model as it stands now")] = False,
) -> None:
    """Put a bundle into the bucket, verified, and into service; of a training run, make the bundle first.

    Refused is what has over a point less top-1 than the version that it replaces, on the same pictures; less
    than --least; or no more than who always says the most frequent class.

    Workers load it beside the version that serves and switch between two batches. A canary that fails more
    than that version, or is slower, is taken back by itself; `models promote` puts it into service for all.
    A publish that breaks off changes nothing that is in service; run again, it goes on where it was.
    """
    from cli.models_publish_gate import let_pass
    from cli.models_publish_run import bundle_of, is_run
    from cli.models_publish_work import Plan
    from cli.models_serve import changed

    trained = is_run(bundle)
    if (name or version) and not trained:
        misused("--name and --version are for a training run: a bundle has its own.")
    place = deployment.find(data)
    before = changed(place, lambda index: index)
    folder = bundle_of(bundle, name, version, before) if trained else bundle
    plan = _ready(folder, Plan(canary=canary, default=default), before)
    let_pass(place, before, folder, least, anyway)
    _send(plan, place)
    index = changed(place, plan.over)
    if as_json:
        line = index.line(plan.name)
        typer.echo(options.document(name=plan.name, version=plan.version, line=line))
    else:
        typer.echo(_said(plan, place, index))


def _ready(folder: Path, plan: "Plan", index: "Index") -> "Plan":
    """All that can be found wrong before anything is sent; ends the command where something is."""
    from classifier.errors import BundleBroken
    from cli.models_publish_work import prepared
    from wire.index import IndexRefused

    try:
        plan = prepared(folder, plan)
        plan.refuse(index)
    except (BundleBroken, IndexRefused) as error:
        failed(str(error))
    return plan


def _send(plan: "Plan", place: Deployment) -> None:
    from cli.models_bar import Bar
    from cli.models_publish_work import Broken, stored
    from wire.index import IndexRefused

    try:
        with Bar() as bar:
            stored(plan, deployment.files(place), bar)
    except (Broken, IndexRefused) as error:
        failed(str(error))


def _said(plan: "Plan", place: Deployment, index: "Index") -> str:
    answers = "requests that name none" if index.default == plan.name else f"`model={plan.name}`"
    part = "all" if plan.canary is None else f"{plan.canary:.0%} of"
    return (
        f"{plan.name} {plan.version} is in {place.where} and answers {part} {answers}; "
        f"every worker knows within {KNOWN_WITHIN} s."
    )


def _number(text: str) -> float:
    """Of a share as it is written; -1 for what is no number."""
    word = text.strip()
    try:
        return float(word.removesuffix("%")) / (100 if word.endswith("%") else 1)
    except ValueError:
        return -1.0
