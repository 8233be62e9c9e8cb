"""`classifycloud explain`."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli import deployment, options
from cli.deployment import Data, Deployment
from cli.exits import failed

if TYPE_CHECKING:
    from wire.tick_record import TickRecord

UNITS = {"s": 1, "m": 60, "h": 3600}
FOLLOW_EVERY = 2.0
REMEDY = "Give a number and a unit, such as 90s, 10m or 2h."


def span(text: str) -> timedelta:
    """A time span such as 90s, 10m or 2h; typer.BadParameter for what is none."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smh])", text.strip())
    if found is None or float(found[1]) == 0:
        raise typer.BadParameter(f"{text!r} is no time span. {REMEDY}")
    try:
        return timedelta(seconds=float(found[1]) * UNITS[found[2]])
    except OverflowError as error:
        raise typer.BadParameter(f"{text!r} is too long. {REMEDY}") from error


def explain(
    last: Annotated[
        timedelta, typer.Option(parser=span, metavar="SPAN", help="How far back: 90s, 10m, 2h.")
    ] = "10m",  # type: ignore[assignment]
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with every new tick until Ctrl-C.")
    ] = False,
    data: Data = None,
    as_json: Annotated[bool, options.json_of("a line for each tick")] = False,
) -> None:
    """Tell why workers came and went: what each tick saw, its formula, what was done and what
    the others would have done from here.

    Ticks in which nothing was done and nothing changed are one line.
    """
    place = deployment.find(data)
    found = _since(place, datetime.now(UTC) - last)
    if not found and not follow:
        failed(
            f"No tick was recorded in that time by {place.where}: no balancer led, or it has been "
            "running for less than half a minute. Look further back with --last 2h."
        )
    _show(found, as_json)
    try:
        while follow:
            found = _newer(place, found)
            _show(found[1:], as_json)
    except KeyboardInterrupt:
        return


def _newer(place: Deployment, found: "list[TickRecord]") -> "list[TickRecord]":
    """The last record that was known, then those that came since; waits a moment first."""
    import time

    time.sleep(FOLLOW_EVERY)
    if not found:
        return _since(place, datetime.now(UTC) - timedelta(minutes=1))
    known = found[-1]
    return [known, *(each for each in _since(place, known.at) if each.at > known.at)]


def _since(place: Deployment, since: datetime) -> "list[TickRecord]":
    from wire.journal import records

    return deployment.ask(place, lambda store: records(store, since))


def _show(found: "list[TickRecord]", as_json: bool) -> None:
    if as_json:
        for each in found:
            typer.echo(each.model_dump_json())
        return
    from cli.explain_report import show

    show(found)
