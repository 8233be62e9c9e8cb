"""A proxy that counts calls by their action and passes every byte on."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

TARGET = re.compile(rb"(?i)\r\nx-amz-target: *[\w.]*?(\w+)\r\n")
OPERATION = re.compile(rb"/operation/(\w+)")
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)\r\n")
CHUNKED = re.compile(rb"(?i)\r\ntransfer-encoding: *chunked\r\n")
CHUNK = 64 * 1024


class Proxy:
    """Stands before one endpoint. `calls` counts requests: JSON actions by name, S3's by method."""

    def __init__(self, upstream: int) -> None:
        self.calls: Counter[str] = Counter()
        self.url = ""
        self._upstream = upstream

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, with one of its own to the endpoint."""
        upward, up = await asyncio.open_connection("127.0.0.1", self._upstream)
        downward = asyncio.create_task(_pipe(upward, writer))
        try:
            # Canceled when the proxy closes: asyncio's streams would log that as a failure.
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    await self._pass_on(reader, up)
        finally:
            downward.cancel()
            up.close()
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, up: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.calls[action(head)] += 1
        # Before its body: a client that expects "100 Continue" sends that only when told to.
        up.write(head)
        await up.drain()
        if CHUNKED.search(head):
            raise ValueError("a chunked request cannot be passed on")
        length = LENGTH.search(head)
        if length is not None:
            up.write(await reader.readexactly(int(length[1])))
            await up.drain()


def action(head: bytes) -> str:
    """What a request asks for, from its head."""
    found = TARGET.search(head) or OPERATION.search(head)
    return found[1].decode() if found else f"{head.split(b' ', 1)[0].decode()} object"


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def counting(upstream: int) -> AsyncIterator[Proxy]:
    """A proxy on a free port of loopback before the endpoint on that port."""
    proxy = Proxy(upstream)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
