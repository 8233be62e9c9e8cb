"""`classifycloud models import`."""

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli import options
from cli.exits import failed, misused
from cli.reasons import refusing

if TYPE_CHECKING:
    from classifier.zoo import Architecture
    from training.importing import Reading, Wanted

WEIGHTS = Path(".classifycloud/weights")
"""Where `fetch` puts what it fetched."""

Weights = Annotated[
    Path | None, typer.Option(help="Of a NAME: a file, or the folder of Keras's file.")
]
Crop = Annotated[
    float, typer.Option(min=0, max=1, help="Share of the shorter side that is kept; 0: squeeze.")
]
Interpolation = Annotated[
    Literal["bilinear", "bicubic", "lanczos", "box", "nearest"],
    typer.Option(help="How pictures are scaled."),
]
Labels = Annotated[Path | None, typer.Option(help="The classes, in the order of outputs.")]
AsJson = Annotated[bool, options.json_of("the bundle's folder")]
Layers = Annotated[
    bool, typer.Option(help="Of Keras networks: that `features` can read their layers.")
]


def importing(
    source: Annotated[
        str, typer.Argument(metavar="FILE|FOLDER|NAME", help="A network, or one of `list --zoo`.")
    ],
    labels: Labels = None,
    into: Annotated[Path, typer.Option(help="The folder of bundles.")] = Path("models"),
    name: Annotated[
        str | None, typer.Option(help="Of the model.", show_default="the file's")
    ] = None,
    version: Annotated[str, typer.Option(help="Of the model.")] = "1",
    weights: Weights = None,
    random: Annotated[bool, typer.Option("--random", help="Of a NAME: random weights.")] = False,
    like: Annotated[
        str | None, typer.Option(metavar="NAME", help="Pictures as that network takes them.")
    ] = None,
    side: Annotated[int | None, typer.Option(min=1, max=4096, help="Pixels of the input.")] = None,
    crop: Crop = 0.875,
    interpolation: Interpolation = "bicubic",
    scale: Annotated[float, typer.Option(help="Bytes are divided by it first.")] = 1.0,
    mean: Annotated[str, typer.Option(help="This is then taken off: a number or three.")] = "0",
    std: Annotated[str, typer.Option(help="And divided by this: a number or three.")] = "1",
    color: Annotated[Literal["rgb", "bgr"], typer.Option(help="The network's channels.")] = "rgb",
    output: Annotated[str | None, typer.Option(help="Of a network that has several.")] = None,
    layers: Layers = True,
    terms: Annotated[str | None, typer.Option("--license", help="Of the weights.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a bundle of a Keras, SavedModel, ONNX or TFLite network, or of a known architecture.

    A network that cannot be served is refused with 1 and a reason that names the file; labels that do not fit
    it are, and a version that is there already.
    """
    path = Path(source)
    default = (path.stem if path.is_file() else path.name).lower()
    folder = _place(into, default if name is None else name, version)
    with refusing():
        from classifier.zoo import ZOO
        from training.importing import Cut, Reading, Wanted
        from training.pixels import Pixels

        known = None if path.exists() else ZOO.get(source)
        wanted = Wanted(
            folder,
            labels,
            terms or (known.license if known else "unknown"),
            _command(),
            layers=layers,
        )
        if known is not None:
            bundle = _of_zoo(known, weights, random, wanted)
        else:
            if weights is not None or random:
                misused(f"--weights and --random are for one of {', '.join(ZOO)}, not for a file")
            pixels = Pixels(
                scale, _triple("--mean", mean), _triple("--std", std, zero=False), color
            )
            reading = Reading(Cut(side, crop or None, interpolation), pixels, output)
            bundle = _of_file(path, _like(like) if like else reading, wanted)
    typer.echo(options.document(bundle=bundle) if as_json else bundle)


def _of_file(path: Path, reading: "Reading", wanted: "Wanted") -> str:
    from training.importing import from_file

    if wanted.labels is None:
        misused(f"{path}: say what its classes are, --labels FILE")
    return str(from_file(path, reading, wanted).folder)


def _of_zoo(known: "Architecture", weights: Path | None, random: bool, wanted: "Wanted") -> str:
    from dataclasses import replace

    from classifier.zoo import CLASS_INDEX
    from training.importing import RANDOM, from_zoo

    if random:
        return str(from_zoo(known, None, replace(wanted, notes=RANDOM)).folder)
    file = weights or WEIGHTS
    file = file / known.weights.name if file.is_dir() or weights is None else file
    if not file.is_file():
        failed(
            f"{file} is not there: `classifycloud models fetch {known.name}`, or name --weights FILE"
        )
    index = file.parent / CLASS_INDEX.name
    if wanted.labels is None and not index.is_file():
        failed(
            f"{index} is not there: `classifycloud models fetch {known.name}`, or name --labels FILE"
        )
    return str(from_zoo(known, file, replace(wanted, labels=wanted.labels or index)).folder)


def _like(name: str) -> "Reading":
    from classifier.zoo import ZOO
    from training.importing import Cut, Reading
    from training.pixels import OF_SCALING

    if name not in ZOO:
        misused(f"no network {name!r} is known; there are: {', '.join(ZOO)}")
    spec = ZOO[name].preprocessing
    crop = spec.side / spec.resize if spec.resize else None
    return Reading(Cut(spec.side, crop, spec.interpolation), OF_SCALING[ZOO[name].scaling])


def _triple(option: str, text: str, zero: bool = True) -> tuple[float, float, float]:
    try:
        numbers = [float(each) for each in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 3) or (not zero and 0 in numbers):
        misused(f"{option} {text!r} is not one number or three with commas between")
    first, second, third = numbers * 3 if len(numbers) == 1 else numbers
    return first, second, third


def _place(into: Path, name: str, version: str) -> Path:
    """The bundle's folder; names are those that can be published."""
    from wire.index import NAME, VERSION

    if not re.fullmatch(NAME, name):
        misused(f"{name!r} cannot be a model's name: give one of a-z, 0-9, . _ and -, --name NAME")
    if not re.fullmatch(VERSION, version):
        misused(f"{version!r} cannot be a version: give one such as --version 2")
    return into / name / version


def _command() -> str:
    """Without the folders of this machine."""
    said = (Path(each).name if "/" in each else each for each in sys.argv[1:])
    return shlex.join(["classifycloud", *said])
