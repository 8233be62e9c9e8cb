"""`classifycloud webhooks`: the secrets with which webhooks are signed."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli import deployment, options
from cli.deployment import Data
from cli.exits import failed, misused
from cli.keys import lifetime

if TYPE_CHECKING:
    from collections.abc import Callable

    from wire.hook_secrets import HookSecret, HookSecrets

app = typer.Typer(
    name="webhooks", help="Secrets with which webhooks are signed.", no_args_is_help=True
)
KNOWN_WITHIN = 5  # seconds; api.hooks.secrets

Client = Annotated[
    str,
    typer.Argument(
        metavar="CLIENT",
        help="As `keys list` has it; left out, that of all who show no key.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, options.json_of("`client` and `secrets`, the newest first")]


@app.command("secret")
def secret(client: Client = "", data: Data = None, as_json: AsJson = False) -> None:
    """Print a client's secret; where it has none, make it one.

    The secret goes to stdout, all else to stderr: SECRET=$(classifycloud webhooks secret shop)
    """
    import time

    from wire.hook_secrets import made, rotated

    now = time.time()
    new = made(now)
    live = _after(
        client,
        data,
        lambda kept: kept if kept.live(client, now) else rotated(kept, client, new, now, 0.0),
    ).live(client, now)
    if new in live:
        typer.echo(f"Made; every replica knows within {KNOWN_WITHIN} s.", err=True)
    _show(client, live, as_json)


@app.command("rotate")
def rotate(
    client: Client = "",
    overlap: Annotated[
        timedelta,
        typer.Option(
            parser=lifetime,
            metavar="SPAN",
            help="How long the former one signs beside it.",
            show_default="1d",
        ),
    ] = "1d",  # type: ignore[assignment]
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a client a new secret. Until the former one ends, every webhook has a signature with each."""
    import time

    from wire.hook_secrets import made, rotated

    now = time.time()
    new, seconds = made(now), overlap.total_seconds()
    kept = _after(client, data, lambda kept: rotated(kept, client, new, now, seconds))
    typer.echo(f"Both sign for {overlap}; exchange the receiver's meanwhile.", err=True)
    _show(client, kept.live(client, now), as_json)


@app.command("remove")
def remove(
    client: Client = "",
    data: Data = None,
    as_json: Annotated[bool, options.json_of("`client` and `secrets`, none")] = False,
) -> None:
    """Take a client's secrets away: nothing is delivered for it any more, and no new webhook is taken."""
    from wire.hook_secrets import removed

    _after(client, data, lambda kept: removed(kept, client))
    typer.echo(f"Removed; every replica knows within {KNOWN_WITHIN} s.", err=True)
    if as_json:
        _show(client, (), as_json)


def _after(
    client: str, data: Data, change: "Callable[[HookSecrets], HookSecrets]"
) -> "HookSecrets":
    """The secrets after a change; ends the command where there can be none."""
    from wire.change import Contested, changed
    from wire.hook_secrets import KEY, HookSecrets
    from wire.keyring import NAME
    from wire.messages import Undecodable

    if client and NAME.fullmatch(client) is None:
        misused(
            f"{client!r} cannot be a client's name. `classifycloud keys list` shows those there are."
        )
    place = deployment.find(data)
    try:
        return deployment.ask(place, lambda store: changed(store, KEY, HookSecrets.read, change))
    except Contested:
        failed("Others change the secrets at the same time: nothing was changed. Try again.")
    except Undecodable as error:
        failed(
            f"state/webhooks.json cannot be read ({error}): nothing was changed. "
            "Use the version of classifycloud that wrote it."
        )


def _show(client: str, live: "tuple[HookSecret, ...]", as_json: bool) -> None:
    if as_json:
        typer.echo(options.document(client=client, secrets=[each.text for each in live]))
    else:
        typer.echo(live[0].text)
