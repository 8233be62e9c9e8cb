"""The options of `classifycloud simulate`."""

from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import json_of

WORKERS = "Workers"
TRAFFIC = "Traffic"
LIMITS = "Limits, and what the policies aim at"
TROUBLE = "Trouble; there is none unless asked for"
OUTPUT = "Output"
POLICY = "forecast"  # as a balancer has it


def _finite(value: Any) -> Any:
    for each in value if isinstance(value, list | tuple) else [value]:
        if isinstance(each, float) and not isfinite(each):
            raise typer.BadParameter(f"{each} is no finite number")
    return value


def _option(panel: str, text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, rich_help_panel=panel, callback=_finite, **more)


def _seconds(panel: str, text: str, *names: str, least: float = 0, **more: Any) -> Any:
    return _option(panel, text, *names, min=least, metavar="SECONDS", **more)


Policies = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        metavar="NAME|FILE.py",
        help="Scaling policy, a file of your own, or always-max; repeat it to compare.",
        show_default=POLICY,
    ),
]
Traces = Annotated[
    list[str] | None,
    _option(
        TRAFFIC,
        "File of arrival seconds, or generated: steady, poisson, diurnal, flash, on-off; "
        "repeat it for several.",
        "--trace",
        metavar="FILE|NAME",
        show_default="poisson",
    ),
]
Rate = Annotated[float, _option(TRAFFIC, "Generated arrivals a second, on average.", min=1e-6)]
Duration = Annotated[float, _seconds(TRAFFIC, "Length of a generated trace.", least=1)]
Seed = Annotated[int, _option(TRAFFIC, "Of all chance.", min=0)]
Start = Annotated[float, _seconds(TRAFFIC, "Begin there in the trace.", "--from")]
End = Annotated[float | None, _seconds(TRAFFIC, "Stop there in the trace.", "--to")]
Speed = Annotated[float, _option(TRAFFIC, "So many times as fast.", min=1e-6)]
Repeat = Annotated[int, _option(TRAFFIC, "So many times after each other.", min=1)]

Boots = Annotated[
    list[float] | None,
    _seconds(WORKERS, "From launch to ready; repeat it for several.", "--boot", show_default="45"),
]
ServiceTime = Annotated[
    float, _seconds(WORKERS, "Of a worker for a picture.", "--service-time", least=1e-6)
]
InitialWorkers = Annotated[
    int | None,
    _option(WORKERS, "Ready at the start.", min=0, show_default="W_min, one at least"),
]
WarmUp = Annotated[
    float, _seconds(TRAFFIC, "Run at the beginning, but neither counted nor billed.")
]
Standby = Annotated[
    int, _option(WORKERS, "Stopped instances that start in a second and are replaced.", min=0)
]
Batch = Annotated[int, _option(WORKERS, "Pictures taken at once.", min=1)]
BatchOverhead = Annotated[float, _seconds(WORKERS, "Of each batch, however full.")]
Prefetch = Annotated[int, _option(WORKERS, "Messages that a worker holds.", min=1)]
Price = Annotated[float, _option(WORKERS, "Of a worker, dollars an hour.", "--price", min=0)]
PaidMinute = Annotated[float, _seconds(WORKERS, "Paid after a launch in any case.")]

MaxWorkers = Annotated[int, _option(LIMITS, "W_max.", min=1)]
MinWorkers = Annotated[int, _option(LIMITS, "W_min.", min=0)]
TargetWait = Annotated[float, _seconds(LIMITS, "Wait that is aimed at.", least=0.01)]
Deadline = Annotated[float, _seconds(LIMITS, "A client waits that long.", least=0.01)]
ScaleInDelay = Annotated[float, _seconds(LIMITS, "For which fewer must have been enough.")]
Qos = Annotated[int, _option(LIMITS, "Messages that one worker is given.", min=1)]
Tick = Annotated[float, _seconds(LIMITS, "Between two decisions.", least=0.1)]

BootJitter = Annotated[float, _option(TROUBLE, "Share by which boots differ.", min=0, max=1)]
BootFailures = Annotated[
    float, _option(TROUBLE, "Share of boots that never end.", "--boot-failures", min=0, max=1)
]
Crashes = Annotated[float, _option(TROUBLE, "Per worker and hour.", "--crashes", min=0)]
Interruptions = Annotated[
    float,
    _option(
        TROUBLE, "Spot notices, two minutes before the end, per hour.", "--interruptions", min=0
    ),
]

AsJson = Annotated[bool, json_of("a line for each run", rich_help_panel=OUTPUT)]
Series = Annotated[bool, _option(OUTPUT, "With --json: the figures of every tick as well.")]
Picture = Annotated[
    Path | None,
    _option(OUTPUT, "Draw what happened, tick by tick.", metavar="OUT.png|OUT.html"),
]
