"""`classifycloud bulk`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options
from cli.address import UNSAID, Key, Url
from cli.exits import FAILED, misused, stopped

if TYPE_CHECKING:
    from classifycloud.client import Job
    from cli.bulk_work import Bulk

JSON_HELP = "the job as it stands at the end, as the service tells it"


def bulk(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE|s3://BUCKET/PREFIX]",
            help="A list of URLs, one a line, .jsonl or .json; - for stdin. Or all pictures of a prefix.",
            show_default=False,
        ),
    ] = None,
    uuid: Annotated[
        str | None, typer.Option("--id", help="Go on with this one instead of sending another.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where the results go: .jsonl, or .parquet. Waits for them.", dir_okay=False
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end.")] = False,
    url: Url = UNSAID,
    key: Key = None,
    top: Annotated[int, typer.Option(min=1, max=20, help="Labels of a picture.")] = 5,
    model: options.Model = None,
    model_version: options.ModelVersion = None,
    as_json: Annotated[bool, options.json_of(JSON_HELP)] = False,
) -> None:
    """Classify thousands of pictures, and fetch the results.

    Ctrl-C ends the waiting, not the job: `classifycloud bulk --id ID` goes on with it. Exits with 1 when
    not one picture could be classified, and when the job was canceled or expired.
    """
    from cli.asking import asking
    from cli.bulk_source import Unreadable, read
    from cli.bulk_work import Bulk
    from wire.bulk import is_bulk, row_of

    if (source is None) == (uuid is None):
        misused("Give a list of pictures, or --id of a bulk job that was sent before.")
    if uuid is not None and (not is_bulk(uuid) or row_of(uuid)):
        misused(f"{uuid} is one picture's job: --id is of a bulk job, and begins with bulk-.")
    form = None if out is None else _form(out)
    with asking(url, key) as service:
        work = Bulk(service)
        if source is not None:
            try:
                asked = read(source)
            except Unreadable as error:
                misused(str(error))
            wishes = {"top": top, "model": model, "modelVersion": model_version}
            uuid = work.submit(asked, {k: v for k, v in wishes.items() if v is not None})
            typer.echo(f"bulk job {uuid}", err=True)
        assert uuid is not None  # noqa: S101
        found = _followed(work, uuid, wait or out is not None)
        if out is not None and form is not None:
            work.download(uuid, form, out)
    shown = found.model_dump(mode="json", by_alias=True, exclude_none=True)
    typer.echo(options.document(**shown) if as_json else told(found, out))
    if found.status in ("failed", "canceled", "expired"):
        raise typer.Exit(FAILED)


def _followed(work: "Bulk", uuid: str, wait: bool) -> "Job":
    if not wait:
        return work.status(uuid)
    try:
        return work.ended(uuid)
    except KeyboardInterrupt:
        stopped(f"It goes on without you. To wait for it again: classifycloud bulk --id {uuid}")


def _form(out: Path) -> str:
    form = out.suffix.removeprefix(".")
    if form not in ("jsonl", "parquet"):
        misused(f"{out}: results are .jsonl or .parquet.")
    return form


def told(found: "Job", out: Path | None) -> str:
    """One line for people."""
    line = f"{found.uuid} {found.status}: {found.done or 0:,} of {found.rows or 0:,} pictures"
    line += f", {found.failed:,} failed" if found.failed else ""
    if found.estimate and found.rate:
        line += f", {found.rate:g} a second, about {found.estimate:.0f} s to go"
    return line if out is None else f"{line}\n{out}"
