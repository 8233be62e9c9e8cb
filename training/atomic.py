"""Files that are whole or as they were, whenever the process is killed."""

import os
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Replaces a file so that a reader or a kill sees the old content or the new, never half."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def sweep(folder: Path) -> None:
    """Removes what writers that were killed left half-written: NAME.PID.partial of no process."""
    for path in folder.glob("*.partial"):
        pid = path.name.split(".")[-2]
        if not (pid.isdigit() and alive(int(pid))):
            path.unlink(missing_ok=True)


def alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
