"""Our end of the line to a decoder: a socket that the event loop watches as long as it is open."""

import asyncio
import contextlib
import socket

LARGE = 2**20


class Line:
    """Reads and writes without a registration for each: watching costs more than what is said.

    Args:
        end: not blocking.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._waiter: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._watched = False
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):  # as far as the kernel grants it
            end.setsockopt(socket.SOL_SOCKET, option, LARGE)

    @property
    def silent(self) -> bool:
        """Whether the other end is open and has said nothing that was not read."""
        try:
            self._end.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    async def send(self, *parts: bytes) -> None:
        """Raises OSError."""
        try:
            sent = self._end.sendmsg(parts)
        except BlockingIOError:
            sent = 0
        if sent < sum(map(len, parts)):
            self._unwatch()  # one watcher of a descriptor at a time
            await self._loop.sock_sendall(self._end, b"".join(parts)[sent:])

    async def fill(self, room: memoryview, have: int, enough: int) -> int:
        """Read into `room` from `have` on until there are `enough` bytes, or more; how many there are.

        Raises:
            EOFError: the other end was closed before.
            OSError: the line is broken.
        """
        while have < enough:
            await self._readable()
            with contextlib.suppress(BlockingIOError):
                count = self._end.recv_into(room[have:])
                if not count:
                    raise EOFError
                have += count
        return have

    def close(self) -> None:
        self._unwatch()
        self._end.close()

    async def _readable(self) -> None:
        if not self._watched:
            self._loop.add_reader(self._end, self._woken)
            self._watched = True
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _woken(self) -> None:
        if self._waiter is None:  # unasked; whoever asks next will see it
            self._unwatch()
        elif not self._waiter.done():
            self._waiter.set_result(None)

    def _unwatch(self) -> None:
        if self._watched:
            self._loop.remove_reader(self._end)
            self._watched = False
