"""The command line of a run that harms a service: its folder, what is printed of it, how it ends."""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn, Protocol, TypeVar

import typer

from bench.live.service import NotStarted

Keep = Annotated[Path | None, typer.Option(help="new folder for data and logs, kept")]
AsJson = Annotated[bool, typer.Option("--json", help="figures as JSON")]


class Figures(Protocol):
    """What was found; `holds` says whether that is what was promised."""

    @property
    def holds(self) -> bool: ...

    def as_json(self) -> dict[str, Any]: ...


F = TypeVar("F", bound=Figures)


def tried(
    name: str,
    keep: Path | None,
    ran: Callable[[Path], F],
    show: Callable[[F], object],
    as_json: bool,
    faults: tuple[type[Exception], ...],
) -> NoReturn:
    """Run, print, and end the command: with 0 where the figures hold, 130 after Ctrl-C, else 1.

    Args:
        name: of the run.
        keep: where data and logs stay; None for a folder that is removed where all is well.
        ran: the run, on a data folder.
        show: prints figures for people.
        faults: of the run, whose texts say enough.
    """
    folder = keep or Path(tempfile.mkdtemp(prefix=f"bench-{name}-"))
    folder.mkdir(parents=True, exist_ok=True)
    expected: tuple[type[Exception], ...] = (NotStarted, *faults)
    try:
        found = ran((folder / "data").resolve())
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("Stopped, and the service with it.", file=sys.stderr)
        raise typer.Exit(130) from None
    except expected as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    print(json.dumps(found.as_json())) if as_json else show(found)
    if keep is None and found.holds:
        shutil.rmtree(folder)
    elif not found.holds:
        print(f"data and logs: {folder}", file=sys.stderr)
    raise typer.Exit(0 if found.holds else 1)
