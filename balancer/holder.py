"""The name under which a balancer holds the lease."""

from pathlib import Path
from uuid import uuid4


def passing() -> str:
    """For one life of a process."""
    return f"b-{uuid4().hex[:12]}"


def lasting(folder: Path) -> str:
    """For whoever holds the folder's lock: the former bearer is dead, and its lease need not run out.

    Raises:
        OSError: the folder cannot be written.
    """
    path = folder / "holder"
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.write_text(passing())
        fresh.replace(path)
    return path.read_text().strip()
