"""What a process gives up before it touches a byte of a stranger's."""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from worker.decoder.filter import NoFilter, install

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
FIRST_OUT = "1000"
MOST_OPEN = 2**20  # macOS says "unlimited", and closes one by one
FILTERED, LIMITED = "system calls are filtered", "limits alone"


class NotLocked(Exception):
    """The process cannot be locked in; the text says why."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is left to a process.

    Args:
        memory: bytes of address space in all.
        unfiltered: whether it may live without a filter where the system has none.
    """

    memory: int
    unfiltered: bool = False


def enter(terms: Terms, keep: Collection[int]) -> str:
    """Give up files, network, processes and privileges for good; how it was done: FILTERED or LIMITED.

    No thread may have been started. Whatever is still to be imported cannot be any more.

    Args:
        terms: what is left.
        keep: descriptors that stay open; 0, 1 and 2 lead nowhere.

    Raises:
        NotLocked: a step failed; nothing of a stranger's may be touched.
    """
    _close_all_but(keep)
    if sys.platform == "linux":
        hide()
        _control(PR_SET_NO_NEW_PRIVS, 1)
    _limit(terms.memory)
    try:
        install()
    except NoFilter as error:
        if sys.platform == "linux" and not terms.unfiltered:
            raise NotLocked(str(error)) from error
        return LIMITED
    _prove()
    return FILTERED


def go_first() -> None:
    """Where memory runs out, let the kernel end this process and its forks before any worker."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_OUT)


def hide() -> None:
    """Let nobody of the same user look into this process, nor dump it."""
    if sys.platform == "linux":
        _control(PR_SET_DUMPABLE, 0)


def die_with(parent: int) -> None:
    """End, by force, as soon as the process `parent` does; at once when it has ended already."""
    if sys.platform == "linux":
        _control(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _control(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0))):
        raise NotLocked(f"prctl({option}) failed: {os.strerror(ctypes.get_errno())}")


def _close_all_but(keep: Collection[int]) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    top = 2
    for descriptor in sorted(keep):
        os.closerange(top + 1, descriptor)
        top = descriptor
    os.closerange(top + 1, min(MOST_OPEN, resource.getrlimit(resource.RLIMIT_NOFILE)[0]))


def _limit(memory: int) -> None:
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_AS, memory),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError) as error:
            if sys.platform == "linux":
                raise NotLocked(f"limit {kind} cannot be set: {error}") from error


def _prove() -> None:
    """Some systems take a filter and do not run it."""
    with contextlib.suppress(PermissionError):
        os.close(os.open("/", os.O_RDONLY))
        raise NotLocked("the filter of system calls is in place and filters nothing")
