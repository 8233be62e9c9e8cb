"""`classifycloud classify --spark MASTER`: stored pictures, classified on a Spark cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import options
from cli.exits import misused, stopped
from cli.reasons import refusing

if TYPE_CHECKING:
    from classifier.bundle import Bundle
    from training.spark.bulk.classify import Report, Told

on_cluster = partial(typer.Option, rich_help_panel="On a Spark cluster")
PIECE = 250
Master = Annotated[
    str | None,
    on_cluster(
        "--spark",
        metavar="MASTER",
        help="Classify stored pictures there, with no service: spark://HOST:7077, yarn, k8s://..., local[4].",
    ),
]
Input = Annotated[
    str | None,
    on_cluster(
        "--input",
        metavar="DIR|FILE.parquet|s3://...",
        help="Pictures, or Parquet files with a column `image`.",
    ),
]
Output = Annotated[
    str | None,
    on_cluster(
        metavar="DIR|s3://...", help="Where Parquet files of labels go; name it again to go on."
    ),
]
Piece = Annotated[int, on_cluster(min=1, help="Pictures of a task, and of a file.")]
Settings = Annotated[
    list[str] | None,
    on_cluster("--conf", metavar="KEY=VALUE", help="A setting of Spark's."),
]


@dataclass(frozen=True)
class Wanted:
    """What the command line says of a bulk classification."""

    source: str | None
    output: str | None
    model: str | None
    version: str | None
    top: int
    piece: int


def in_bulk(
    master: str,
    wanted: Wanted,
    pictures: list[str] | None,
    conf: list[str] | None,
    as_json: bool,
) -> None:
    """Classify all that has no results yet; a picture that cannot be read is a row that says so."""
    source, output = wanted.source, wanted.output
    if source is None or output is None or pictures:
        misused("--spark takes --input, where the pictures are, and --output, where labels go")
    settings = settings_of(conf)
    with refusing():
        from training.spark.bulk.classify import Order, classify, planned
        from training.spark.session import connected

        bundle = bundle_of(wanted.model, wanted.version)
        plan = planned(bundle, Order(source, output, wanted.top, wanted.piece))
        name = f"classifycloud classify {source}"
        try:
            with connected(master, name, settings) as context, _bar() as told:
                report = classify(context, plan, told)
        except KeyboardInterrupt:
            stopped(f"Stopped; what is done is in {output}: the same command goes on.")
    typer.echo(_said(report, output, as_json))


def settings_of(conf: list[str] | None) -> dict[str, str]:
    """--conf's pairs; ends the command where one is none."""
    pairs = [each.partition("=") for each in conf or ()]
    for key, equals, _ in pairs:
        if not key or not equals:
            misused(f"--conf {key!r}: give KEY=VALUE, for example spark.executor.memory=4g")
    return {key: value for key, _, value in pairs}


def bundle_of(model: str | None, version: str | None) -> "Bundle":
    """A bundle's folder, or a bundled model; raises ClassifierError."""
    from classifier.bundle import MANIFEST, Bundle
    from classifier.catalog import Catalog

    if model is not None and (Path(model) / MANIFEST).is_file():
        return Bundle.load(Path(model))
    return Catalog().find(model, version)


def _said(report: "Report", output: str, as_json: bool) -> str:
    if as_json:
        return options.document(output=output, **vars(report))
    before = f", {report.before} of them before" if report.before else ""
    return f"{report.pictures} pictures{before}; {report.refused} refused now\n{output}"


@contextmanager
def _bar() -> "Iterator[Told]":
    """Pieces done, on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns: tuple[Any, ...] = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
