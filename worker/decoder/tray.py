"""Memory that a worker and one decoder share, for the picture on its way in and the square on its way out.

The worker parses nothing that lies here: it copies out as many bytes as it ordered, once, and takes them
for pixels. A decoder that has been taken over may scribble at any time; it then answers wrong pixels, as
it could in words. It cannot make the memory smaller under the worker's feet: the size is sealed where the
system has seals, and the descriptor is closed before the decoder's first picture.
"""

import errno
import mmap
import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

FILE, SQUARE = 2 * 2**20, 2**20  # bytes; what is larger goes over the line
NOEXEC = 0x8  # MFD_NOEXEC_SEAL: a program never; where a system wants it said. Linux 6.3 has it


class Tray:
    """One end.

    Args:
        descriptor: of the memory, as `made` gives it; is closed.
    """

    def __init__(self, descriptor: int) -> None:
        try:
            self._memory = mmap.mmap(descriptor, FILE + SQUARE)
        finally:
            os.close(descriptor)
        self._room: np.ndarray | None = None

    def put(self, data: bytes) -> bool:
        """Lay down a picture's file; False if it is too large."""
        if len(data) > FILE:
            return False
        self._memory[: len(data)] = data
        return True

    def file(self, size: int) -> memoryview | None:
        """The file of so many bytes where it was laid down; None if it was too large."""
        return memoryview(self._memory)[:size].toreadonly() if size <= FILE else None

    def room(self, side: int) -> "np.ndarray | None":
        """Where a prepared picture belongs, uint8 (side, side, 3); None if it is too large."""
        if self._room is None or len(self._room) != side:
            import numpy as np

            shape = (side, side, 3)
            fits = 3 * side**2 <= SQUARE
            self._room = np.ndarray(shape, np.uint8, self._memory, FILE) if fits else None
        return self._room

    def serve(self, square: "np.ndarray") -> bool:
        """Lay down a prepared picture as `room` has it, if it is not there; False if it is too large."""
        import numpy as np

        room = self.room(len(square))
        if room is None:
            return False
        if not np.may_share_memory(room, square):
            room[:] = square
        return True

    def square(self, size: int) -> bytearray:
        """A copy of the prepared picture of so many bytes, SQUARE at most."""
        with memoryview(self._memory) as whole:
            return bytearray(whole[FILE : FILE + size])

    def close(self) -> None:
        self._room = None
        self._memory.close()


def made() -> int:
    """The descriptor of fresh memory for a tray. Raises OSError where there is none to be had."""
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            file.truncate(FILE + SQUARE)
            return os.dup(file.fileno())
    descriptor = _nameless()
    try:
        os.ftruncate(descriptor, FILE + SQUARE)
        _seal(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _nameless() -> int:
    flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
    try:
        return os.memfd_create("picture", flags | NOEXEC)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return os.memfd_create("picture", flags)


def _seal(descriptor: int) -> None:
    import fcntl

    sealed = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, sealed)
