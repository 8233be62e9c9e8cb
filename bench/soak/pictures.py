"""Pictures whose right answer is known beforehand, and the host that has them."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256

from PIL import Image

from bench.live.color_bundle import COLORS

SIDE = 96
DELAY = 0.02  # seconds that the host takes for a picture


def color(number: int) -> str:
    """What is in picture `number`. Drawn, so that no order of answers is right by chance."""
    return COLORS[sha256(str(number).encode()).digest()[0] % len(COLORS)]


def encoded() -> dict[str, bytes]:
    """A PNG of each color."""
    return {name: _png(name) for name in COLORS}


def _png(name: str) -> bytes:
    kept = io.BytesIO()
    picture = Image.effect_noise((SIDE, SIDE), 40).convert("RGB")
    Image.blend(picture, Image.new("RGB", picture.size, name), 0.8).save(kept, "PNG")
    return kept.getvalue()


class Host:
    """Answers `/NUMBER.png`. `visits` counts requests: more than pictures, where work was done again."""

    def __init__(self) -> None:
        self.address = ""
        self.visits = 0
        self.pictures = encoded()

    def url(self, number: int) -> str:
        return f"http://{self.address}/{number}.png"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept open for one request after the other."""
        # Canceled when the server closes: asyncio's streams would log that as a failure.
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                number = head.split(b" ", 2)[1].decode().strip("/").partition(".")[0]
                self.visits += 1
                await asyncio.sleep(DELAY)
                writer.write(_answer(self.pictures[color(int(number))]))
                await writer.drain()
        writer.close()


@asynccontextmanager
async def host() -> AsyncIterator[Host]:
    """A host on a free port of loopback while the block runs."""
    served = Host()
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        server.close()


def _answer(picture: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture
