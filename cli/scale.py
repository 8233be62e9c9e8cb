"""`classifycloud scale`."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import deployment, options
from cli.deployment import Data
from cli.exits import failed, misused

if TYPE_CHECKING:
    from wire.standing import Standing
    from wire.store import Store


def scale(
    least: Annotated[
        int | None, typer.Option("--min", min=0, help="Workers that are always kept.")
    ] = None,
    most: Annotated[
        int | None, typer.Option("--max", min=1, help="Workers that are never exceeded.")
    ] = None,
    pause: Annotated[
        bool, typer.Option("--pause", help="Observe, plan and record, but do nothing.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Act again.")] = False,
    reset: Annotated[
        bool, typer.Option("--reset", help="Back to the balancer's own settings, acting.")
    ] = False,
    data: Data = None,
    as_json: Annotated[bool, options.json_of("the limits that hold")] = False,
) -> None:
    """Show how far the fleet may grow and shrink, or change it while the service runs.

    A change holds within two ticks, whichever balancer leads, until it is changed again or reset.
    """
    import json

    from cli.scale_report import as_document, report

    if pause and resume:
        misused("--pause and --resume contradict each other: give one of them.")
    if least is not None and most is not None and least > most:
        misused(f"--min {least} is above --max {most}: lower the first or raise the second.")
    change = _change(least, most, pause if pause or resume else None)
    if reset and change:
        misused("--reset goes back to the settings: give it alone.")
    place = deployment.find(data)

    async def asked(store: "Store") -> "Standing":
        return await _changed(store, change, reset)

    standing = deployment.ask(place, asked)
    changed = bool(change) or reset
    document = as_document(standing)
    typer.echo(json.dumps(document) if as_json else report(standing, place.where, changed))


def _change(least: int | None, most: int | None, paused: bool | None) -> dict[str, object]:
    given = {"min_workers": least, "max_workers": most, "paused": paused}
    return {name: value for name, value in given.items() if value is not None}


async def _changed(store: "Store", change: dict[str, object], reset: bool) -> "Standing":
    from wire.steering import LeastAboveGreatest, SteeringRefused, Unreadable, changed

    try:
        return await changed(store, change, reset)
    except LeastAboveGreatest as error:
        misused(str(error))
    except Unreadable as error:
        failed(f"{error}\nRemove it with `classifycloud scale --reset`.")
    except SteeringRefused as error:
        failed(str(error))
