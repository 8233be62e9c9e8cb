"""`classifycloud up`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.exits import failed, misused


def up(
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port of the service; 0 takes a free one.", show_default="8000"
        ),
    ] = None,
    data: Annotated[
        Path, typer.Option(help="Folder for queues, results, logs; survives a restart.")
    ] = Path(".classifycloud"),
    min_workers: Annotated[
        int | None, typer.Option(min=0, help="Workers that are always kept.", show_default="1")
    ] = None,
    max_workers: Annotated[
        int | None, typer.Option(min=1, help="Workers that are never exceeded.", show_default="2")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Model that answers when a request names none.", show_default="the bundled one"
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show what all parts log.")
    ] = False,
    faults: Annotated[
        Path | None,
        typer.Option(hidden=True, exists=True, dir_okay=False, help="Tests: see local/faults."),
    ] = None,
) -> None:
    """Start the whole service on this machine; Ctrl-C stops it.

    Every setting can also be given as a variable CLASSIFYCLOUD_<NAME>; an option wins over it.
    """
    from balancer import policies
    from local.up.errors import UpError
    from local.up.options import Options
    from local.up.run import run
    from wire.settings import BalancerSettings, SettingsError, load

    try:
        settings = load(BalancerSettings)
        policies.check(settings)
        if settings.fleet == "ec2":
            raise SettingsError(
                "CLASSIFYCLOUD_FLEET=ec2: `up` runs everything on this machine; unset it"
            )
        run(Options(port, data, min_workers, max_workers, model, verbose, faults))
    except SettingsError as error:
        misused(str(error))
    except UpError as error:
        failed(str(error))
