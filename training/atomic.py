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
