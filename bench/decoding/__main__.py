"""`python -m bench.decoding`: which way of decoding is worth its time.

On photos whose file names are their labels, by a network that knows them: right answers, and how far
pixels and scores are from those of every pixel decoded and averaged; CPU per picture, and of a picture of
12 megapixels.
"""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.decoding.clouds import photo
from bench.decoding.contest import accuracy, cost, table
from bench.decoding.labeled import Network, photos
from bench.decoding.ways import WAYS
from classifier.errors import BundleBroken
from classifier.manifest import Preprocessing

LARGE = (4000, 3000)
TYPICAL = 64  # photos whose cost is taken


def main(
    folder: Annotated[Path, typer.Argument(help="JPEGs named by what they show")],
    network: Annotated[Path, typer.Argument(help="what OpenVINO reads, of uint8 pictures")],
    labels: Annotated[Path, typer.Argument(help="a line for each output of the network")],
    rounds: Annotated[int, typer.Option(min=1, help="of the measurement of CPU")] = 7,
    margin: Annotated[float, typer.Option(min=1, help="shorter side over what is cut out")] = 8 / 7,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """Accuracy and CPU of each way of decoding."""
    try:
        model, shown = Network(network), photos(folder, labels)
    except (ValueError, OSError, BundleBroken) as error:
        raise typer.BadParameter(str(error)) from error
    side = model.side
    recipes = {
        "center": Preprocessing(side=side, resize=round(side * margin), interpolation="bilinear"),
        "squeezed": Preprocessing(side=side, interpolation="bilinear"),
    }
    files, large = [each.data for each in shown[:TYPICAL]], [photo(*LARGE)]
    found = {}
    for name, recipe in recipes.items():
        rows = accuracy(WAYS, shown, recipe, model)
        usual = cost(WAYS, files, recipe, rounds)
        twelve = cost(WAYS, large, recipe, rounds)
        found[name] = {
            way: {**row, "cpu_ms": usual[way], "cpu_ms_12_mpx": twelve[way]}
            for way, row in rows.items()
        }
    if as_json:
        print(json.dumps(found, indent=1))
        return
    for name, rows in found.items():
        head, *body = table(rows)
        shape = Table(*head, title=f"{name}, {len(shown)} photos")
        for row in body:
            shape.add_row(*row)
        Console(width=140).print(shape)


if __name__ == "__main__":
    typer.run(main)
