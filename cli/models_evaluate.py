"""`classifycloud models evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli import options
from cli.reasons import refusing

if TYPE_CHECKING:
    from classifier.bundle import Bundle
    from training.metrics import Accuracy

BundleFolder = Annotated[Path, typer.Argument(help="A bundle: the folder of a manifest.json.")]


def evaluate(
    bundle: BundleFolder,
    data: Annotated[
        Path,
        typer.Option(
            help="A folder for each class, pictures named CLASS.jpg, or a .csv FILE,CLASS."
        ),
    ],
    engine: Annotated[
        Literal["openvino", "keras"], typer.Option(help="What runs it.")
    ] = "openvino",
    record: Annotated[
        bool, typer.Option("--record", help="Write the result into the bundle's manifest.")
    ] = False,
    as_json: Annotated[bool, options.json_of("the shares, 0 to 1")] = False,
) -> None:
    """Measure top-1 and top-5 on labeled pictures, as they would be served.

    Where several classes share a name and the pictures are labeled by names, any of them is right.
    """
    import json
    from dataclasses import asdict

    with refusing():
        from classifier.bundle import Bundle
        from training.measuring import measure
        from training.pictures import labeled

        loaded = Bundle.load(bundle)
        found = measure(loaded, labeled(data, loaded.labels), engine)
        if record:
            _record(loaded, found, engine, data)
    typer.echo(json.dumps(asdict(found)) if as_json else shown(found))


def shown(accuracy: "Accuracy") -> str:
    """One line."""
    return f"top-1 {accuracy.top1:.2%}  top-5 {accuracy.top5:.2%}  of {accuracy.pictures} pictures"


def _record(bundle: "Bundle", found: "Accuracy", engine: str, data: Path) -> None:
    """In the place of an earlier one on the same data."""
    from dataclasses import asdict

    from classifier.manifest import Measurement
    from training import bundling

    manifest = bundle.manifest
    ran = f"{engine} {manifest.precision if engine == 'openvino' else 'float32'}"
    new = Measurement(engine=ran, data=data.resolve().name, **asdict(found))
    kept = [one for one in manifest.metrics if (one.engine, one.data) != (new.engine, new.data)]
    bundling.restate(bundle, manifest.model_copy(update={"metrics": (*kept, new)}))
