"""The line between the driver and a task: orders one way, answers the other.

Spark brings a task's results home when the task has ended, and these tasks train for hours. A line is a TCP
connection from executor to driver, as Spark's own are; both sides prove that they know the run's secret
(HMAC, `multiprocessing.connection`), which travels inside Spark's own messages, and nothing on it is ever
unpickled: each message is JSON and, behind it, bytes.
"""

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from typing import Any, TypeAlias

Said: TypeAlias = dict[str, Any]
Message: TypeAlias = tuple[Said, bytes]
END = "end"
FAILED = "failed"
"""Stands before the reason where an order could not be followed."""
Greeted = Callable[[Said, "Line"], None]
"""Is told what a task says first, and its line; from a thread."""


@dataclass(frozen=True)
class Address:
    """Where the driver listens, and the run's secret."""

    host: str
    port: int
    secret: bytes


class Line:
    """Either end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    def to(cls, address: Address) -> "Line":
        """Call the driver; raises OSError."""
        return cls(Client((address.host, address.port), authkey=address.secret))

    def say(self, said: Said, body: bytes = b"") -> None:
        """Raises OSError when the other end is gone."""
        self._connection.send_bytes(json.dumps(said).encode())
        self._connection.send_bytes(body)

    def hear(self) -> Message:
        """What the other end says next; raises OSError or EOFError when it is gone."""
        said: Said = json.loads(self._connection.recv_bytes())
        return said, self._connection.recv_bytes()

    def speaks(self, seconds: float) -> bool:
        """Whether the other end has said something, or is gone, within so many seconds."""
        return self._connection.poll(seconds)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Switchboard:
    """Where the driver takes calls.

    Args:
        host: under which executors reach this machine.
        bind: the address of this machine to listen at.
        greeted: is given each line with its first message.
    """

    def __init__(self, host: str, bind: str, greeted: Greeted) -> None:
        self._greeted = greeted
        secret = secrets.token_bytes(32)
        self._listener = Listener((bind, 0), backlog=128, authkey=secret)
        self.address = Address(host, int(self._listener.address[1]), secret)
        self._closed = False
        threading.Thread(target=self._accept, name="spark-lines", daemon=True).start()

    def close(self) -> None:
        """Take no more calls."""
        self._closed = True
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                line = Line(self._listener.accept())
                threading.Thread(target=self._greet, args=(line,), daemon=True).start()
            except Exception:  # a stranger, one that hung up, or we have closed
                continue

    def _greet(self, line: Line) -> None:
        try:
            said, _ = line.hear()
        except (OSError, EOFError, ValueError):
            line.close()
            return
        self._greeted(said, line)
