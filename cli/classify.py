"""`classifycloud classify`."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import classify_spark, options
from cli.address import UNSAID, Key, Url
from cli.exits import FAILED, misused, told

if TYPE_CHECKING:
    from classifycloud.client import Classification, Outcome
    from classifycloud.client.wishes import Wishes

LABELS = "Labels"
Top = Annotated[int, typer.Option(min=1, max=1000, help="Labels to show.", rich_help_panel=LABELS)]
Least = Annotated[
    float | None,
    typer.Option("--min-confidence", min=0, max=1, help="None below it.", rich_help_panel=LABELS),
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CLASS",
        help="These classes alone, by id or name; once for each.",
        rich_help_panel=LABELS,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(metavar="CLASS", help="All but these.", rich_help_panel=LABELS),
]
AtOnce = Annotated[
    int, typer.Option("--concurrency", "-c", min=1, max=100, help="Pictures at once.")
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Do not answer from memory.")]


def classify(
    pictures: Annotated[
        list[str] | None,
        typer.Argument(metavar="URL|FILE...", help="Pictures: URLs or files.", show_default=False),
    ] = None,
    url: Url = UNSAID,
    key: Key = None,
    top: Top = 5,
    least: Least = None,
    include: Include = None,
    exclude: Exclude = None,
    model: options.Model = None,
    model_version: options.ModelVersion = None,
    fresh: Fresh = False,
    at_once: AtOnce = 4,
    timeout: options.Timeout = options.TIMEOUT,
    spark: classify_spark.Master = None,
    source: classify_spark.Input = None,
    output: classify_spark.Output = None,
    piece: classify_spark.Piece = classify_spark.PIECE,
    conf: classify_spark.Settings = None,
    as_json: Annotated[
        bool, options.json_of("a line for each picture, as the service answers, or `error`")
    ] = False,
) -> None:
    """Ask a running service what is in each picture.

    Goes on after a picture that fails, and exits with 1 at the end when any did.
    """
    if spark is not None:
        wanted = classify_spark.Wanted(source, output, model, model_version, top, piece)
        classify_spark.in_bulk(spark, wanted, pictures, conf, as_json)
        return
    if not pictures:
        misused("Name pictures: URLs or files; or many that are stored, with --spark")

    from classifycloud.client import Unreachable
    from cli.asking import asking, explained

    wishes = wishes_of(top, least, include, exclude, model, model_version, fresh)
    failures = 0
    with asking(url, key, timeout) as service:
        for outcome in service.classify_many(pictures, at_once=at_once, **wishes):
            if isinstance(outcome.error, Unreachable):
                raise outcome.error
            failures += outcome.error is not None
            if as_json:
                typer.echo(as_line(outcome))
            elif outcome.error is not None:
                told(f"{outcome.picture!s}: {explained(outcome.error)}")
            else:
                typer.echo(shown(str(outcome.picture), outcome.unwrap()))
    if failures:
        raise typer.Exit(FAILED)


def wishes_of(
    top: int,
    least: float | None,
    include: list[str] | None,
    exclude: list[str] | None,
    model: str | None,
    version: str | None,
    fresh: bool,
) -> "Wishes":
    """What was given; without a key, so that what the service remembers may answer."""
    given = {
        "top": top,
        "min_confidence": least,
        "include": include or None,
        "exclude": exclude or None,
        "model": model,
        "version": version,
        "max_age": 0 if fresh else None,
    }
    wishes: Wishes = {"idempotency_key": None}
    return wishes | {name: value for name, value in given.items() if value is not None}  # type: ignore[return-value]


def shown(picture: str, answer: "Classification") -> str:
    """The top label beside the picture, then the labels with their confidence."""
    lines = [f"{picture}: {answer.result or 'no label is left'}"]
    for label in answer.labels:
        lines.append(f"  {100 * label.confidence:5.1f} %  {label.name}")
    return "\n".join(lines)


def as_line(outcome: "Outcome[Classification]") -> str:
    """For --json: the service's own words, and which picture they are about."""
    import json

    from classifycloud.client import ClassifyCloudError

    error, about = outcome.error, {"picture": str(outcome.picture)}
    if error is None:
        answer = outcome.unwrap().model_dump(
            mode="json", by_alias=True, exclude={"age", "replayed"}
        )
        return json.dumps(about | answer)
    if isinstance(error, ClassifyCloudError):
        fault = {"code": error.code, "message": error.message, "job": error.job}
    else:
        fault = {"code": "unreadable", "message": str(error), "job": None}
    return json.dumps(about | {"error": fault})
