"""What files hold, in short; each is read once for as long as its size and time of change stay."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from rich.progress import track

from training.atomic import write
from training.decoded import CONSOLE


def digests(files: Sequence[Path], memory: Path) -> list[str]:
    """SHA-256 of each, in hexadecimal.

    Args:
        memory: the file that they are remembered in; need not be there.

    Raises:
        OutOfSpace: they cannot be remembered.
    """
    known = _remembered(memory)
    new = [path for path in files if _mark(path) not in known]
    for path in track(new, "reading", console=CONSOLE, disable=not new):
        with path.open("rb") as file:
            known[_mark(path)] = hashlib.file_digest(file, "sha256").hexdigest()
    if new:
        memory.parent.mkdir(parents=True, exist_ok=True)
        write(memory, json.dumps(known, indent=1).encode())
    return [known[_mark(path)] for path in files]


def _mark(path: Path) -> str:
    """What changes when the file does."""
    found = path.stat()
    return f"{path.resolve()} {found.st_size} {found.st_mtime_ns}"


def _remembered(memory: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(memory.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found
