"""Files that are whole or as they were, whenever the process is killed."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from training.errors import OutOfSpace

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write(path: Path, content: bytes) -> None:
    """Replaces a file so that a reader or a kill sees the old content or the new, never half.

    Raises:
        OutOfSpace: the file is as it was.
    """
    with writing(path) as file:
        file.write(content)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """As `write`, what is written in the block; nothing where it fails."""
    partial = beside(path)
    try:
        with roomy(path), partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def roomy(path: Path) -> Iterator[None]:
    """Tells of a full disk by the file that did not fit; raises OutOfSpace."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise OutOfSpace(
            f"{path} cannot be written: {error.strerror}. What was kept before is whole: free some space "
            "and give the same command again"
        ) from error


def beside(path: Path) -> Path:
    """A name for the half-written file, which `sweep` knows."""
    return path.with_name(f".{path.name}.{writer()}.partial")


def writer() -> str:
    """This process as names of half-written files have it: PID@MACHINE, without dots."""
    return f"{os.getpid()}@{_machine()}"


def sweep(folder: Path) -> None:
    """Removes what killed writers of this machine left: NAME.PID@MACHINE.partial of no process."""
    for path in filter(left_behind, folder.glob("*.partial")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def left_behind(path: Path) -> bool:
    """Whether nobody writes it any more; of one of another machine that cannot be told: no."""
    pid, _, machine = path.name.split(".")[-2].partition("@")
    if machine not in ("", _machine()):
        return False
    return not (pid.isdigit() and alive(int(pid)))


def _machine() -> str:
    return os.uname().nodename.replace(".", "-")


def alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
