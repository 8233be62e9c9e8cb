"""How a run was asked for, kept in its folder: where its pictures are, so that it can be measured again.

Not part of what the run *is*: pictures may move, and the run goes on.
"""

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.atomic import write
from training.errors import DataMissing

if TYPE_CHECKING:
    from training.lab.data import Wanted
    from training.order import Order

FILE = "order.json"


def keep(order: "Order") -> None:
    """Writes order.json."""
    wanted = order.wanted
    said = {
        "data": _absolute(wanted.data),
        "cache": str(wanted.cache.resolve()),
        "share": wanted.share,
        "lenient": wanted.lenient,
        "command": spoken(sys.argv),
    }
    write(order.out / FILE, json.dumps(said, indent=2).encode())


def kept(run: Path) -> "Wanted":
    """The pictures that the run was asked to learn from; raises DataMissing where it does not say."""
    from training.lab.data import Wanted

    said = _read(run)
    if said is None:
        raise DataMissing(f"{run / FILE} is missing: nothing says where the run's pictures are")
    return Wanted(said["data"], Path(said["cache"]), said["share"], said["lenient"])


def command(run: Path) -> str | None:
    """The command that made the run, where it is known."""
    return (_read(run) or {}).get("command")


def spoken(arguments: list[str]) -> str | None:
    """A command line as it may be given again; None where this is no command of ours."""
    name = Path(arguments[0]).name
    return shlex.join([name, *arguments[1:]]) if name == "classifycloud" else None


def _absolute(data: str | None) -> str | None:
    """Runs are gone on with from other folders; what is no path stays."""
    return data if data is None or "://" in data else str(Path(data).resolve())


def _read(run: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((run / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found
