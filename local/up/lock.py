"""One `up` per data folder at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.up.errors import DataInUse


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the folder. The kernel lets go when the process ends, however it ends.

    Raises:
        DataInUse: another `up` holds it.
    """
    with (data / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise DataInUse(data, file.read().strip()) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
