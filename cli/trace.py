"""`classifycloud trace`."""

from datetime import UTC, datetime, timedelta
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import deployment, options
from cli.deployment import Data
from cli.exits import failed, misused
from cli.explain import span
from cli.places import writable

if TYPE_CHECKING:
    from cli.trace_records import Enqueued
    from wire.store import Store


def trace(
    out: Annotated[Path, typer.Argument(metavar="OUT.csv", help="File to write; a new one.")],
    last: Annotated[
        timedelta, typer.Option(parser=span, metavar="SPAN", help="How far back: 90s, 10m, 2h.")
    ] = "1h",  # type: ignore[assignment]
    data: Data = None,
    from_records: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Take all records from .jsonl files in this folder instead, such as a copy of records/.",
        ),
    ] = None,
    as_json: Annotated[bool, options.json_of("the file, and how many arrivals are in it")] = False,
) -> None:
    """Record the traffic of a service: when its pictures were enqueued, for `simulate --trace OUT.csv`.

    Reads the records of the pictures that were answered. OUT.csv has a line per picture, in seconds after
    the first.
    """
    if lexists(out):
        misused(f"{out} is there already: give the name of a new file")
    if not out.absolute().parent.is_dir():
        misused(f"there is no folder {out.absolute().parent}")
    writable(out)
    times = _copied(from_records) if from_records else _recorded(data, last)
    text = "".join(f"{at - times[0]:.3f}\n" for at in times)
    try:
        out.write_text(f"seconds\n{text}", encoding="utf-8")
    except OSError as error:
        failed(f"{out} could not be written: {error.strerror}")
    if as_json:
        typer.echo(options.document(file=out, arrivals=len(times), seconds=times[-1] - times[0]))
        return
    minutes = (times[-1] - times[0]) / 60
    typer.echo(f"{out}: {len(times):,} arrivals in {minutes:,.1f} minutes", err=True)


def _copied(folder: Path) -> list[float]:
    from math import inf

    from cli.trace_records import Enqueued, in_folder

    if not folder.is_dir():
        misused(f"--from-records: there is no folder {folder}")
    found = Enqueued()
    try:
        for lines in in_folder(folder):
            found.add(lines)
    except OSError as error:
        failed(f"{error.filename} cannot be read: {error.strerror}")
    return _some(found, found.between(-inf, inf), f"in the .jsonl files of {folder}")


def _recorded(data: Path | None, last: timedelta) -> list[float]:
    from math import inf

    from rich.console import Console
    from rich.progress import Progress

    from cli.trace_records import Enqueued, in_store

    place = deployment.find(data)
    until = datetime.now(UTC)
    since = until - last
    found = Enqueued()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("records", total=None)

        async def read(store: "Store") -> None:
            def told(done: int, of: int) -> None:
                bar.update(task, completed=done, total=of)

            # An hour more, because the clock that names the objects may be ahead of this one.
            async for lines in in_store(store, since, until + timedelta(hours=1), told):
                found.add(lines)

        deployment.ask(place, read)
    # Up to the end: the queue's clock may be ahead of this machine's.
    return _some(found, found.between(since.timestamp(), inf), f"in that time by {place.where}")


def _some(found: "Enqueued", times: list[float], where: str) -> list[float]:
    if found.unreadable:
        typer.echo(f"{found.unreadable} lines are no records and were left out", err=True)
    if not times:
        failed(f"No picture was recorded {where}.")
    return times
