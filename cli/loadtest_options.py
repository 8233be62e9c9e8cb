"""The options of `classifycloud loadtest`."""

from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import json_of

BURST = "A burst (what is done unless a rate, steps or a trace are given)"
DUE = "Requests at their due times, whatever the answers do"
PICTURES = "Pictures"
OUTPUT = "Output"


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        raise typer.BadParameter(f"{value} is no finite number")
    return value


def _option(panel: str, text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, rich_help_panel=panel, callback=_finite, **more)


Requests = Annotated[
    int | None, _option(BURST, "How many.", "--requests", "-n", min=1, show_default="40")
]
Concurrency = Annotated[
    int | None, _option(BURST, "How many at once.", "--concurrency", "-c", min=1, show_default="40")
]
Rate = Annotated[float | None, _option(DUE, "Requests a second.", min=0.001)]
Seconds = Annotated[
    float | None, _option(DUE, "How long, with --rate.", min=0.001, show_default="60")
]
Spike = Annotated[
    str | None,
    _option(
        DUE,
        "In the middle of --rate and --seconds: 200x5 is 200 a second for 5 s.",
        metavar="RATExSECONDS",
    ),
]
Steps = Annotated[
    str | None,
    _option(
        DUE,
        "One after the other: 5x30,10x30 is 5 a second for 30 s, then 10.",
        metavar="RATExSECONDS,…",
    ),
]
Trace = Annotated[
    Path | None,
    _option(
        DUE, "CSV of arrival times in seconds, a line each, or in the first column.", metavar="FILE"
    ),
]
Speed = Annotated[float | None, _option(DUE, "Play the trace so many times as fast.", min=1e-6)]
Limit = Annotated[int | None, _option(DUE, "The trace's first arrivals, so many.", min=1)]
Poisson = Annotated[
    bool, _option(DUE, "At random, as independent people come, not evenly spaced.", "--poisson")
]
Photos = Annotated[
    Path | None,
    _option(PICTURES, "Folder of pictures to serve from here.", show_default="the samples"),
]
Urls = Annotated[
    Path | None,
    _option(
        PICTURES,
        "Addresses to ask for instead, one a line, as they stand there; then from the first "
        "again. Needed where the service runs elsewhere and cannot fetch from here.",
        metavar="FILE",
    ),
]
Repeat = Annotated[
    float,
    _option(
        PICTURES,
        "Share of requests, 0 to 1, for a picture that was asked for before. The others have "
        "addresses of their own (?run=…&n=…), so that no cache flatters.",
        min=0,
        max=1,
    ),
]
PhotoPort = Annotated[
    int,
    _option(
        PICTURES,
        "Port on 127.0.0.1 to serve the pictures from; the service must allow it "
        "(CLASSIFYCLOUD_FETCH_ALLOW; `classifycloud up` allows 8099).",
        min=1,
        max=65535,
    ),
]
Timeout = Annotated[
    float, typer.Option(min=0.1, help="Seconds that one request may take.", callback=_finite)
]
Retries = Annotated[
    int,
    typer.Option(
        min=0, help="Ask again so often after 429 and 503, when Retry-After says. The time counts."
    ),
]
Report = Annotated[
    Path | None, _option(OUTPUT, "Write an HTML page with charts: one file.", metavar="FILE.html")
]
AsJson = Annotated[bool, json_of("the figures, and the course", rich_help_panel=OUTPUT)]
