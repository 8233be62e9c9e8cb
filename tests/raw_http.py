"""HTTP as bytes on a socket: what no client library would send, and what comes back."""

import contextlib
import json
import socket
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """One response; `head` is in lower case."""

    status: int
    head: str
    body: bytes

    @property
    def code(self) -> str:
        return json.loads(self.body)["error"]["code"]

    def header(self, name: str) -> str | None:
        found = [line for line in self.head.split("\r\n") if line.startswith(f"{name}:")]
        return found[0].partition(":")[2].strip() if found else None


class Talk:
    """One connection, spoken to by hand."""

    def __init__(self, url: str, timeout: float = 20.0) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=timeout)
        self._left = b""

    def __enter__(self) -> "Talk":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, data: bytes) -> "Talk":
        with contextlib.suppress(ConnectionError):  # a refusal may come before all is sent
            self._socket.sendall(data)
        return self

    def get(self, target: str = "/healthz", *headers: str) -> "Talk":
        lines = [f"GET {target} HTTP/1.1", f"Host: {self.host}", *headers, "", ""]
        return self.send("\r\n".join(lines).encode())

    def reply(self) -> Reply | None:
        """The next response; None when the connection ends without one."""
        text = self.head()
        if not text:
            return None
        reply = Reply(int(text.split()[1]), text, b"")
        length = int(reply.header("content-length") or 0)
        while len(self._left) < length:
            if not self._more():
                raise AssertionError(f"cut short: {text}")
        body, self._left = self._left[:length], self._left[length:]
        return Reply(reply.status, text, body)

    def head(self) -> str:
        """The next response's head, in lower case; empty when there is none."""
        while b"\r\n\r\n" not in self._left:
            if not self._more():
                return ""
        head, _, self._left = self._left.partition(b"\r\n\r\n")
        return head.decode().lower()

    def ended(self) -> bool:
        """Whether the other side closes, and says no more; waits for it."""
        return not self._left and not self._more()

    def _more(self) -> bytes:
        try:
            data = self._socket.recv(65536)
        except ConnectionError:
            data = b""
        self._left += data
        return data
