"""How a command ends: 0 done, 1 failed, 2 wrong use. The reason goes to stderr."""

from typing import NoReturn

import typer

FAILED = 1
MISUSED = 2


def failed(reason: str) -> NoReturn:
    """End with status 1."""
    typer.echo(reason, err=True)
    raise typer.Exit(FAILED)


def misused(reason: str) -> NoReturn:
    """End with status 2."""
    typer.echo(reason, err=True)
    raise typer.Exit(MISUSED)
