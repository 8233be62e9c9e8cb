"""`classifycloud models export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli import options
from cli.exits import misused
from cli.models_evaluate import BundleFolder, shown
from cli.reasons import refusing

if TYPE_CHECKING:
    from classifier.bundle import Bundle


def export(
    bundle: BundleFolder,
    precision: Annotated[
        Literal["int8", "bf16", "f16", "f32"], typer.Option(help="To serve, if it is as good.")
    ] = "int8",
    data: Annotated[
        Path | None, typer.Option(help="Labeled pictures to measure on, as `evaluate` takes them.")
    ] = None,
    calibrate: Annotated[
        Path | None, typer.Option(help="Pictures for int8's ranges; those of --data when left out.")
    ] = None,
    most: Annotated[int, typer.Option("--pictures", min=1, help="Of them, at most.")] = 300,
    into: Annotated[
        Path | None, typer.Option(help="The folder of bundles.", show_default="the bundle's own")
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Of what is made.", show_default="the next number")
    ] = None,
    as_json: Annotated[bool, options.json_of("the bundle's folder, and what was measured")] = False,
) -> None:
    """Make the bundle's next version, its network in a smaller precision.

    When that costs more than one point of top-1 on the labeled pictures, a wider one is kept, and it says so.
    """
    if data is None:
        misused("say on which labeled pictures it is to be as good: --data FOLDER")
    with refusing():
        from classifier.bundle import Bundle
        from training import exporting
        from training.pictures import labeled, pictures

        loaded = Bundle.load(bundle)
        measured = labeled(data, loaded.labels)
        samples = pictures(calibrate) if calibrate else [each.path for each in measured]
        step = -(-len(samples) // most)
        folder = _next(loaded, into, version)
        made = exporting.export(
            loaded, folder, precision, samples[::step], measured, data.resolve().name
        )
    if as_json:
        measured_as = [{"precision": each, "accuracy": found} for each, found in made.tried]
        folder, manifest = made.bundle.folder, made.bundle.manifest
        typer.echo(options.document(bundle=folder, tried=measured_as, manifest=manifest))
        return
    for tried, found in made.tried:
        typer.echo(f"{tried:5}{shown(found)}")
    served = made.bundle.manifest.precision
    for reason in made.unable:
        typer.echo(
            f"{reason.strip().splitlines()[-1]}\n{precision} cannot be run: {served} is kept"
        )
    if served != precision and not made.unable:
        typer.echo(f"{precision} costs more than a point of top-1: {served} is kept")
    typer.echo(made.bundle.folder)


def _next(bundle: "Bundle", into: Path | None, version: str | None) -> Path:
    from classifier.catalog import Catalog

    name = bundle.manifest.name
    root = into or bundle.folder.resolve().parent.parent
    numbers = [int(each) for each in Catalog(root).versions(name) if each.isdigit()]
    return root / name / (version or str(max(numbers, default=0) + 1))
