"""`classifycloud keys`: who may ask."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, TypeVar

import typer

from cli import deployment, options
from cli.deployment import Data
from cli.exits import failed, misused

app = typer.Typer(
    name="keys", help="Add, list and revoke the API keys of clients.", no_args_is_help=True
)
UNITS = {"m": 60, "h": 3600, "d": 86400}
KNOWN_WITHIN = 5  # seconds; api.access.keyholder
LONGEST = 100 * 366  # days


R = TypeVar("R")
AsJson = Annotated[bool, options.json_of("`keys`, a list of objects")]


def lifetime(text: str) -> timedelta:
    """A time span such as 12h or 90d; typer.BadParameter for what is none."""
    found = re.fullmatch(r"([0-9]{1,9})([mhd])", text.strip())
    span = timedelta(seconds=int(found[1]) * UNITS[found[2]]) if found else timedelta()
    if not timedelta() < span <= timedelta(days=LONGEST):
        raise typer.BadParameter(
            f"{text!r} is no time span. Give a number and a unit, such as 12h or 90d."
        )
    return span


@app.command("add")
def add(
    name: Annotated[
        str, typer.Argument(help="The client's: lower-case letters, digits and hyphens.")
    ],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What the key may do: classify, jobs, operate. Once for each.",
            show_default="the client's newest key's, or classify and jobs",
        ),
    ] = None,
    expires: Annotated[
        timedelta | None,
        typer.Option(
            parser=lifetime, metavar="SPAN", help="How long it lives.", show_default="for ever"
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Requests a second of all the client's keys; 0 for no limit.",
            show_default="as before, or the settings'",
        ),
    ] = None,
    burst: Annotated[
        int | None, typer.Option(min=1, help="Requests at once after a quiet time.")
    ] = None,
    data: Data = None,
    as_json: Annotated[bool, options.json_of("`key`, this once, and its hint")] = False,
) -> None:
    """Make a key for a client, and a client where there is none of this name.

    Prints the key, this once, to stdout and all else to stderr: `KEY=$(classifycloud keys add shop)`.
    A client has two live keys at most, the one in use and its successor.
    """
    from cli.keys_report import made
    from cli.keys_work import Wish, adding, changed
    from wire.keyring import SCOPES

    unknown = [each for each in scope or () if each not in SCOPES]
    if unknown:
        misused(f"--scope {unknown[0]} is none; there are {', '.join(SCOPES)}.")
    wish = Wish(name, tuple(scope or ()), expires, rate, burst)
    place, new = deployment.find(data), adding(wish)
    ring = _told(lambda: deployment.ask(place, lambda store: changed(store, new.over)))
    typer.echo(made(name, ring.clients[name], place.where, KNOWN_WITHIN), err=True)
    if as_json:
        hint = ring.clients[name].keys[-1].hint
        typer.echo(options.document(key=new.key, client=name, hint=hint))
    else:
        typer.echo(new.key)


@app.command("list")
def listing(
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List clients and their keys; dead ones are listed for 90 days."""
    import json
    import time

    from cli.keys_report import rows, table
    from cli.keys_work import kept

    place = deployment.find(data)
    ring = _told(lambda: deployment.ask(place, kept))
    found = rows(ring, time.time())
    if as_json:
        typer.echo(json.dumps({"keys": found}))
    elif found:
        typer.echo(table(found))
    else:
        typer.echo(f"Nobody has a key to {place.where}. Make one: classifycloud keys add NAME")


@app.command("revoke")
def revoke(
    who: Annotated[
        str,
        typer.Argument(
            metavar="NAME|HINT",
            help="A client, for all its keys; or the hint of one key, as `keys list` shows it.",
        ),
    ],
    data: Data = None,
    as_json: Annotated[bool, options.json_of("the hints of what is `revoked`")] = False,
) -> None:
    """Let a key open nothing any more."""
    from cli.keys_work import Revoking, changed

    place, ending = deployment.find(data), Revoking(who)
    _told(lambda: deployment.ask(place, lambda store: changed(store, ending.over)))
    if as_json:
        typer.echo(options.document(revoked=[key.hint for key in ending.ended]))
        return
    for key in ending.ended:
        typer.echo(f"{key.hint}… is revoked; every replica knows within {KNOWN_WITHIN} s.")


def _told(work: Callable[[], R]) -> R:
    """What the work gives; ends the command with the reason where it was refused."""
    from wire.keyring import Refused
    from wire.messages import Undecodable

    try:
        return work()
    except Refused as error:
        failed(str(error))
    except Undecodable as error:
        failed(
            f"state/keys.json cannot be read ({error}): nothing was changed. "
            "Use the version of classifycloud that wrote it."
        )
