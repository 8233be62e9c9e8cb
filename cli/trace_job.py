"""`classifycloud trace-job`."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import deployment, options
from cli.deployment import DATA, Data
from cli.exits import failed, misused
from cli.explain import span

if TYPE_CHECKING:
    from cli.journey import Journey
    from wire.queues import Queues
    from wire.store import Store

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
SPANS = "traces.jsonl"  # in the data folder, where neither --spans nor CLASSIFYCLOUD_TRACES says otherwise


def trace_job(
    job: Annotated[
        str, typer.Argument(metavar="ID", help="`uuid` of an answer, `job` of an error.")
    ],
    last: Annotated[
        timedelta,
        typer.Option(parser=span, metavar="SPAN", help="How far back its record is looked for."),
    ] = "1h",  # type: ignore[assignment]
    data: Data = None,
    spans: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where spans are; CLASSIFYCLOUD_TRACES, or DATA/traces.jsonl, if unset.",
        ),
    ] = None,
    as_json: Annotated[bool, options.json_of("the journey")] = False,
) -> None:
    """Tell the journey of one picture, with times: from spans, log lines, records, and what S3 and the
    dead-letter queue keep of it.

    Works for jobs that are finished, wait or failed, and says where it saw nothing of it. Spans and logs
    are those of this machine; a collector and CloudWatch have their own ways to be asked.
    """
    if not _ID.fullmatch(job):
        misused(f"{job[:80]!r} is no job's id: up to 64 letters, digits, - and _")
    from cli import journey_logs, journey_spans
    from cli.journey import Journey
    from cli.journey_report import as_document, told

    folder, journey = data or DATA, Journey(job)
    journey_spans.read(journey, spans or _spans_file(folder))
    journey_logs.read(journey, folder / "logs")
    _ask(journey, data, last)
    journey.conclude()
    if not journey.known:
        sources = "\n".join(f"  {each}" for each in journey.unseen)
        failed(f"Nothing is known of a job {job}. What was looked at:\n{sources}")
    typer.echo(json.dumps(as_document(journey)) if as_json else told(journey))


def _ask(journey: "Journey", data: Path | None, last: timedelta) -> None:
    """What the deployment keeps; a service that has been stopped left spans and logs at least."""
    from cli.journey_store import look_among_the_dead, read
    from local.up.notes import Notes
    from wire.names import QueueNames

    folder = data or DATA
    runs = (folder / "run").is_dir() and Notes(folder / "run").address("storage") is not None
    if journey.known and not runs:
        journey.missed(f"S3 and queues: no service runs on {folder}")
        return
    place = deployment.find(data)

    async def asked(queues: "Queues", store: "Store") -> None:
        await read(journey, store, last)
        await look_among_the_dead(journey, queues, QueueNames(place.name))

    deployment.ask_both(place, asked)


def _spans_file(folder: Path) -> Path:
    from wire.settings import Settings, SettingsError, load

    try:
        where = load(Settings).traces
    except SettingsError as error:
        misused(str(error))
    return folder / SPANS if where is None or "://" in where else Path(where)
