"""How a command ends, in the one place that says so (docs/cli.md has the same table)."""

from typing import NoReturn

import typer

DONE = 0
FAILED = 1
MISUSED = 2
STOPPED = 130

BRIEFLY = {
    DONE: "done",
    FAILED: "failed, wholly or in part",
    MISUSED: "wrong use or a wrong setting",
    STOPPED: "stopped by Ctrl-C",
}


def told(reason: str) -> None:
    """An error in the form of all: what happened, and on lines of their own what to do."""
    typer.echo(f"Error: {reason}", err=True)


def failed(reason: str) -> NoReturn:
    """End with status 1."""
    told(reason)
    raise typer.Exit(FAILED)


def misused(reason: str) -> NoReturn:
    """End with status 2."""
    told(reason)
    raise typer.Exit(MISUSED)


def stopped(reason: str) -> NoReturn:
    """End with status 130, as the shell does."""
    typer.echo(reason, err=True)
    raise typer.Exit(STOPPED)
