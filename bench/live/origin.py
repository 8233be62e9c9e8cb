"""A host of pictures that takes its time, so that a picture costs seconds without costing CPU."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, slots=True)
class Visit:
    """A request: monotonic seconds, and the port of its connection, which one worker uses for long."""

    at: float
    port: int


class Origin:
    """Answers any path with one small picture, `delay` seconds after it was asked.

    `visits` has every request by the picture's name: a picture that was asked for twice was worked on
    twice. `open` has the ports from which those ask who wait for their picture now.
    """

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.visits: dict[str, list[Visit]] = {}
        self.open: set[int] = set()
        self.address = ""
        self.port = 0
        self._answer = _answer(_picture())

    def url(self, name: str) -> str:
        return f"http://{self.address}/{name}"

    def again(self) -> int:
        """How many requests were for a picture that had been asked for before."""
        return sum(len(visits) - 1 for visits in self.visits.values())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept open for one request after the other."""
        port = int(writer.get_extra_info("peername")[1])
        # Canceled when the server closes: asyncio's streams would log that as a failure.
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                name = head.split(b" ", 2)[1].decode().removeprefix("/")
                self.visits.setdefault(name, []).append(Visit(time.monotonic(), port))
                self.open.add(port)
                try:
                    await asyncio.sleep(self.delay)
                finally:
                    self.open.discard(port)
                writer.write(self._answer)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def origin(delay: float) -> AsyncIterator[Origin]:
    """An origin on a free port of loopback while the block runs."""
    served = Origin(delay)
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.port = int(server.sockets[0].getsockname()[1])
    served.address = f"127.0.0.1:{served.port}"
    try:
        yield served
    finally:
        server.close()


def _picture() -> bytes:
    kept = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((96, 96)).save(kept, "JPEG")
    return kept.getvalue()


def _answer(picture: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture
