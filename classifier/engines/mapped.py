"""Files that a network was read from stay mapped as long as it lives, and are hardly read any more: the
engine keeps weights in an order of its own. Their pages go back to the system now and then.

The mappings stay. Whoever reads there again finds the same bytes, from the system's cache of the file.
"""

import ctypes
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

EVERY = 10.0  # seconds; a look and what it lets go take 2 ms
DONTNEED = 4  # include/uapi/asm-generic/mman-common.h
SHARED = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) r--s \S+ \S+ \d+ +(/.*)$", re.MULTILINE)
TABLE = Path("/proc/self/maps")

Mapping = tuple[str, str, str]
"""First address and the one behind the last, hexadecimal, and the file's path."""

_gathering = threading.Lock()


class Mapped:
    """What networks mapped, to read and shared, of files in some folders while they were compiled.

    Nothing else may be let go. What somebody else maps may be gone in the very moment, and other memory in
    its place: ask while all the networks are there.

    Args:
        folders: of networks and of their compiled forms.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(f"{folder.resolve()}/" for folder in folders)
        self._ours: frozenset[Mapping] = frozenset()
        self._due = time.monotonic() + EVERY

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Around the compiling of one network; only one is compiled at a time."""
        with _gathering:
            before = self._mapped()
            yield
            if before is not None:  # else nobody knows which of them were there
                self._ours |= (self._mapped() or frozenset()) - before

    def rest(self) -> None:
        """Let go of their pages if it is time to; from any thread."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + EVERY
            self.let_go()

    def let_go(self) -> int:
        """Let go of their pages; how many bytes are mapped there, 0 where that cannot be told."""
        size = 0
        for begin, end, _ in self._ours & (self._mapped() or frozenset()):
            first, length = int(begin, 16), int(end, 16) - int(begin, 16)
            # Read-only and shared: there is nothing in these pages that is not in the file.
            _advise()(ctypes.c_void_p(first), ctypes.c_size_t(length), DONTNEED)
            size += length
        return size

    def _mapped(self) -> frozenset[Mapping] | None:
        """All that is mapped now, of anybody; None where that cannot be read."""
        if sys.platform != "linux":
            return None
        try:
            found = SHARED.findall(os.fsdecode(TABLE.read_bytes()))
        except OSError:  # no descriptor is free, say: whoever has its scores by now must get them
            return None
        return frozenset(each for each in found if each[2].startswith(self._folders))


@cache
def _advise() -> Callable[..., Any]:
    return ctypes.CDLL(None).madvise
