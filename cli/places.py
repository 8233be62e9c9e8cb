"""Files that commands write."""

from os.path import lexists
from pathlib import Path

from cli.exits import misused


def writable(path: Path) -> None:
    """Find out before the work; nothing is left there.

    Raises:
        Exit: 2, no file can be written there.
    """
    new = not lexists(path)
    try:
        path.open("ab").close()
        if new:
            path.unlink()
    except OSError as error:
        misused(f"{path} cannot be written: {error.strerror}")
