"""A store that goes for good in the middle of things: a relay that hangs up after so many writes."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

CHUNK = 65536


@contextlib.contextmanager
def gone_after(url: str, writes: int) -> Iterator[str]:
    """An address that leads to the store until the write after so many has begun; then to nothing."""
    target = (urlsplit(url).hostname, urlsplit(url).port)
    listener = socket.create_server(("127.0.0.1", 0))
    relay = _Relay(target, listener, writes)
    threading.Thread(target=relay.run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        relay.stop()


class _Relay:
    def __init__(self, target: tuple, listener: socket.socket, writes: int) -> None:
        self._target, self._listener, self._left = target, listener, writes
        self._open: list[socket.socket] = []

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def stop(self) -> None:
        # A thread that waits in accept() is not woken by close() alone.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(CHUNK):
                if data.startswith(b"PUT /"):
                    self._left -= 1
                    if self._left < 0:
                        self.stop()
                        return
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
