"""`python -m training.spark.measured DATA`: what training on Spark moves, and what classifying in bulk takes.

DATA is the folder of Tiny ImageNet's Parquet files. Executors are processes of this machine, a core each; a
network between them would be slower, and would carry the same bytes.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from training.spark.measured import private
from training.spark.measured.moved import Moved, Setting, measure

SCHEMES = ("all-reduce", "map-reduce")
HEAD = (
    "| network | parameters | pictures | updates | scheme | s an epoch | MB counted | MB by formula |\n"
    "|---|---|---|---|---|---|---|---|"
)
MODELS = "dense:16,dense:64,cnn1:64,alexnet-64:64"


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the Tiny ImageNet Parquet files.")],
    models: Annotated[str, typer.Option(help="NETWORK:SIDE, comma between.")] = MODELS,
    pictures: Annotated[str, typer.Option(help="Numbers, comma between.")] = "640,1280",
    batch: Annotated[int, typer.Option(help="Pictures of an update.")] = 64,
    executors: Annotated[int, typer.Option(help="Of a core and a process each.")] = 2,
    cache: Annotated[Path, typer.Option(help="Where decoded pictures are kept.")] = Path(
        ".classifycloud/cache"
    ),
    bulk: Annotated[bool, typer.Option(help="Classify the validation pictures too.")] = True,
) -> None:
    """Print both tables."""
    if not private.enter():
        typer.echo(
            "the loopback is everybody's (it takes root to have one's own): bytes are too many"
        )
    if models:
        _moved(data, cache, models, pictures, batch, executors)
    if bulk:
        _bulk(data, executors)


def _moved(data: Path, cache: Path, models: str, pictures: str, batch: int, executors: int) -> None:
    typer.echo(HEAD)
    for named in models.split(","):
        name, _, side = named.partition(":")
        for count in map(int, pictures.split(",")):
            for scheme in SCHEMES:
                asked = Setting(name, int(side), count, batch, executors, scheme)  # type: ignore[arg-type]
                with tempfile.TemporaryDirectory() as folder:
                    typer.echo(_row(measure(asked, data, cache, Path(folder))))


def _row(moved: Moved) -> str:
    one = moved.setting
    return (
        f"| {one.model} {one.side} | {moved.parameters:,} | {one.pictures} | {moved.updates} "
        f"| {one.scheme} | {moved.seconds:.1f} | {moved.counted / 1e6:.2f} | {moved.formula / 1e6:.2f} |"
    )


def _bulk(data: Path, cores: int) -> None:
    from classifier.catalog import Catalog
    from training.spark.measured.bulk import measure as measured

    table = next(iter(sorted(data.glob("validation-*.parquet"))))
    with tempfile.TemporaryDirectory() as folder:
        found = measured(table, Catalog().find(), cores, Path(folder))
    typer.echo(
        f"{found.pictures} pictures on {cores} cores: {found.pictures / found.seconds:.0f} pictures/s, "
        f"{found.pictures / found.seconds / cores:.0f} a core; "
        f"{found.pictures / found.busy:.0f} in a second of a task; "
        f"{found.differing} answers differ from the engine's"
    )


if __name__ == "__main__":
    typer.run(main)
