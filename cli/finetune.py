"""`classifycloud finetune`."""

from pathlib import Path
from typing import Annotated

import typer

from cli import options
from cli.exits import stopped
from cli.flags_file import FlagsFile
from cli.reasons import refusing

Data = Annotated[
    Path, typer.Option(metavar="DIR", help="A folder of pictures for each class, named after it.")
]
Base = Annotated[
    str, typer.Option(metavar="MODEL|BUNDLE", help="A bundled model, or a bundle's folder.")
]
FreezeTo = Annotated[
    str | None,
    typer.Option(
        metavar="LAYER",
        help="The last layer that stays as it is.",
        show_default="before the last grid",
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option(min=2, help="Half for the head, half for the rest.", show_default="30"),
]
Validation = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Pictures to measure on.", show_default="a fifth of --data"),
]
Kept = Annotated[
    Path | None, typer.Option(help="Where its progress is kept.", show_default="OUT/.NAME.run")
]


def finetune(
    data: Data,
    base: Base = "tiny-inception",
    out: Annotated[Path, typer.Option(help="The folder of bundles that it is added to.")] = Path(
        "models"
    ),
    name: Annotated[
        str | None,
        typer.Option(help="Of the new model.", show_default="as the folder of pictures"),
    ] = None,
    version: Annotated[str, typer.Option(help="Of the new model.")] = "1",
    freeze_to: FreezeTo = None,
    epochs: Epochs = None,
    validation: Validation = None,
    seed: Annotated[int, typer.Option(help="Of all chance.")] = 0,
    run: Kept = None,
    flags: FlagsFile = None,  # noqa: ARG001
    as_json: Annotated[bool, options.json_of("the bundle's folder and manifest")] = False,
) -> None:
    """Teach a model new classes by a few pictures of each; makes a bundle like any other.

    First a new head learns, all else frozen; then the layers behind --freeze-to learn too, at a lower rate.
    Stop it with Ctrl-C: the same command goes on where it was left.
    """
    called = name or data.resolve().name.lower()
    kept = run or out / f".{called}.run"
    with refusing():
        from training import finetuned

        order = finetuned.Order(
            base=finetuned.base_of(base),
            data=data,
            out=out,
            name=called,
            version=version,
            run=kept,
            freeze_to=freeze_to,
            epochs=epochs,
            seed=seed,
            validation=validation,
        )
        try:
            bundle = finetuned.make(order)
        except KeyboardInterrupt:
            stopped(f"Stopped; its whole epochs are kept in {kept}: the same command goes on.")
    manifest = bundle.manifest
    if as_json:
        typer.echo(options.document(bundle=bundle.folder, manifest=manifest))
        return
    for each in manifest.metrics:
        typer.echo(f"{each.engine:18} top-1 {each.top1:.2%} of {each.pictures} pictures")
    typer.echo(bundle.folder)
