"""A recipe's grid: a run for each rate with each batch size, one after the other, and a table of all."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from training.atomic import write
from training.errors import WrongRecipe
from training.fit import Order, fit
from training.lab.run_folder import Row, RunFolder
from training.recipe import Published

TABLE = "grid.csv"


@dataclass(frozen=True)
class Point:
    """One run of a grid, and how it did: the epoch of the lowest validation loss, and the best accuracy."""

    rate: float
    batch: int
    row: Row
    highest: Row


def orders(order: Order) -> list[Order]:
    """The runs, each in a folder of its own; raises WrongRecipe where the recipe has no grid."""
    recipe = order.recipe
    if recipe.grid is None:
        raise WrongRecipe(f"{recipe.name} has no grid; glasses has one")
    return [
        replace(
            order,
            recipe=replace(recipe.at_rate(rate), batch=batch),
            out=order.out / f"rate-{rate:g}-batch-{batch}",
        )
        for rate in recipe.grid.rates
        for batch in recipe.grid.batches
    ]


def run(order: Order, told: Callable[[str], None]) -> list[Point]:
    """Trains all that have not ended yet and writes grid.csv.

    Args:
        told: is told which run begins.

    Raises:
        WrongRecipe, and what `fit` raises: the same call goes on.
    """
    found = []
    asked = orders(order)
    for at, each in enumerate(asked):
        rate, batch = each.recipe.schedule.rate, each.recipe.batch
        ended = RunFolder(each.out)
        if not over(ended, each.recipe.epochs):
            told(f"run {at + 1} of {len(asked)}: rate {rate:g}, batches of {batch}")
            ended = fit(each)
        found.append(point(rate, batch, ended.rows, ended.best_row))
        write(order.out / TABLE, table(found).encode())
    return found


def over(run: RunFolder, epochs: int) -> bool:
    """Whether a run of so many epochs has no more to do."""
    said = run.summary
    return said is not None and (said["epochs"] >= epochs or said["reason"] == "early stop")


def point(rate: float, batch: int, rows: Sequence[Row], best: Row | None) -> Point:
    """Of a run that has done an epoch."""
    assert best is not None
    return Point(rate, batch, best, max(rows, key=lambda row: row.validation_top1))


def table(points: Sequence[Point]) -> str:
    """grid.csv."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["rate", "batch", "epochs", "epoch", "validation_loss", "top1", "highest_top1", "at_epoch"]
    )
    for one in points:
        kept, high = one.row, one.highest
        writer.writerow(
            [one.rate, one.batch, kept.planned, kept.epoch, f"{kept.validation_loss:.4f}"]
            + [f"{kept.validation_top1:.4f}", f"{high.validation_top1:.4f}", high.epoch]
        )
    return text.getvalue()


def shown(points: Sequence[Point], published: Sequence[Published]) -> str:
    """The table as Markdown, and the literature's results under it."""
    lines = [
        "| rate | batch | top-1 of the lowest loss | epoch | highest top-1 | epoch |",
        "|---|---|---|---|---|---|",
    ]
    for one in points:
        kept, high = one.row, one.highest
        lines.append(
            f"| {one.rate:g} | {one.batch} | {kept.validation_top1:.1%} | {kept.epoch} "
            f"| {high.validation_top1:.1%} | {high.epoch} |"
        )
    lines += [f"| literature: {each.what} | | | | {each.top1:.1%} | |" for each in published]
    return "\n".join(lines)
