"""`classifycloud models show`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options
from cli.exits import failed
from cli.reasons import refusing

if TYPE_CHECKING:
    from classifier.manifest import Manifest
    from classifier.zoo import Architecture


def show(
    model: Annotated[
        str, typer.Argument(metavar="FOLDER|NAME", help="A bundle, or one of `list --zoo`.")
    ],
    layers: Annotated[
        bool, typer.Option("--layers", help="A bundle's layers that `features` reads.")
    ] = False,
    as_json: Annotated[
        bool, options.json_of("a bundle's manifest as it is, its layers, or a network")
    ] = False,
) -> None:
    """Show what a bundle says of itself, or what is known of a network."""
    with refusing():
        from classifier.bundle import Bundle
        from classifier.zoo import ZOO

        folder = Path(model)
        if folder.is_dir() and layers:
            from cli.layers import as_rows, layers_of

            bundle = Bundle.load(folder)
            text = options.document(layers=as_rows(bundle)) if as_json else layers_of(bundle)
        elif folder.is_dir():
            manifest = Bundle.load(folder).manifest
            text = manifest.model_dump_json(by_alias=True) if as_json else of_bundle(manifest)
        elif model in ZOO:
            known = ZOO[model]
            text = options.document(network=known) if as_json else of_network(known)
        else:
            failed(f"{model} is no folder of a bundle, and none of {', '.join(ZOO)}")
    typer.echo(text)


def of_bundle(manifest: "Manifest") -> str:
    """A line for each thing that it says."""
    spec = manifest.preprocessing
    rows = [
        ("model", f"{manifest.name} {manifest.version}"),
        ("architecture", manifest.architecture),
        ("parameters", f"{manifest.parameters:,}".replace(",", " ")),
        ("classes", str(manifest.classes)),
        ("pictures", _cut(spec.side, spec.resize, spec.interpolation)),
        ("precision", manifest.precision),
        *(
            (f"on {each.data}", f"top-1 {each.top1:.2%}  top-5 {each.top5:.2%}  {each.engine}")
            for each in manifest.metrics
        ),
        ("license", manifest.license),
        ("notes", manifest.notes or "-"),
        ("made by", manifest.made.command if manifest.made else "-"),
    ]
    return _aligned(rows)


def of_network(known: "Architecture") -> str:
    """A line for each thing that is known."""
    spec = known.preprocessing
    rows = [
        ("network", known.name),
        ("architecture", f"{known.application}: {known.source}"),
        ("parameters", f"{known.parameters:,}".replace(",", " ")),
        ("multiply-adds", f"{known.multiply_adds / 1e9:.2f} G a picture"),
        ("pictures", _cut(spec.side, spec.resize, spec.interpolation)),
        ("values", _VALUES[known.scaling]),
        ("layers", ", ".join(known.layers)),
        ("weights", known.weights.url),
        ("md5", known.weights.md5),
        ("license", known.license),
    ]
    return _aligned(rows)


def _cut(side: int, resize: int | None, interpolation: str) -> str:
    if resize is None:
        return f"{side}x{side}, squeezed ({interpolation})"
    return (
        f"{side}x{side}, from the middle of the shorter side scaled to {resize} ({interpolation})"
    )


def _aligned(rows: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in rows)


_VALUES = {
    "signed": "-1 to 1",
    "caffe": "blue, green, red, less the mean of ImageNet",
    "own": "as the network's first layers scale them",
}
