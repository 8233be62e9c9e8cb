"""Files that a network was read from stay mapped as long as it lives, and are hardly read any more: the
engine keeps weights in an order of its own. Their pages go back to the system now and then.

The mappings stay. Whoever reads there again finds the same bytes, from the system's cache of the file.
"""

import ctypes
import re
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

EVERY = 10.0  # seconds; a look and what it lets go take 2 ms
DONTNEED = 4  # include/uapi/asm-generic/mman-common.h
SHARED = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) r--s \S+ \S+ \d+ +(/.*)$", re.MULTILINE)
TABLE = Path("/proc/self/maps")


class Mapped:
    """What this process has mapped to read, shared, of files in some folders.

    Only what stays mapped may be let go: ask while the networks that were read from there are in use.

    Args:
        folders: of the network and of its compiled form.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(f"{folder.resolve()}/" for folder in folders)
        self._due = time.monotonic() + EVERY

    def rest(self) -> None:
        """Let go of their pages if it is time to; from any thread."""
        now = time.monotonic()
        if now >= self._due and sys.platform == "linux":
            self._due = now + EVERY
            self.let_go()

    def let_go(self) -> int:
        """Let go of their pages; how many bytes are mapped there. Linux only."""
        advise, size = _advise(), 0
        for begin, end, path in SHARED.findall(TABLE.read_text()):
            if path.startswith(self._folders):
                first, length = int(begin, 16), int(end, 16) - int(begin, 16)
                # Read-only and shared: there is nothing in these pages that is not in the file.
                advise(ctypes.c_void_p(first), ctypes.c_size_t(length), DONTNEED)
                size += length
        return size


@cache
def _advise() -> Callable[..., Any]:
    return ctypes.CDLL(None).madvise
