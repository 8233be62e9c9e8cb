"""The hosts of this Internet: honest addresses serve what the path names, all others are tripwires.

A tripwire answers with a good picture: whoever is led there gets a 200, which no case expects.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from tests.acceptance.hostile import pictures, zone

LARGEST_HEAD = 1 << 20
TRIPWIRE_PORTS = (80, 443, 21, 22, 25, 3306, 5432, 6379, 8000, 8080, 9200, 11211)


@dataclass(frozen=True)
class Request:
    """What a fetcher asked of an honest origin."""

    address: str
    target: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass
class Exchange:
    """One connection: what was asked, and the way to answer it."""

    request: Request
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
        await self.writer.drain()

    def reset(self) -> None:
        """Leave with a RST."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Behavior = Callable[[Exchange], Awaitable[None]]
Start = Callable[[asyncio.StreamReader, asyncio.StreamWriter, str], Awaitable[bool]]
"""What happens before HTTP on port 443; False when the connection is over."""


@dataclass
class Hosts:
    """All hosts at once: one listener on all addresses for each port."""

    behaviors: Mapping[str, Behavior]
    start_tls: Start
    tripped: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    async def listen(self) -> None:
        for port in TRIPWIRE_PORTS:
            await self._on("0.0.0.0", port)
            if (
                port != 443
            ):  # for an address that refuses connections; the sniffer sees all the same
                await self._on("::", port)

    async def _on(self, address: str, port: int) -> None:
        # reuse_port: a single address may have a listener of its own beside this one for all.
        await asyncio.start_server(
            self._connected, address, port, limit=LARGEST_HEAD, reuse_port=True
        )

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address, port = writer.get_extra_info("sockname")[:2]
        try:
            if address in zone.ORIGINS and port in {80, 443}:
                await self._honest(reader, writer, address, port)
            else:
                self.tripped.append(f"{address} port {port}")
                await self._trap(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _honest(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, port: int
    ) -> None:
        if port == 443 and not await self.start_tls(reader, writer, address):
            return
        head = await reader.readuntil(b"\r\n\r\n")
        request = _parsed(address, head.decode("latin-1"))
        self.requests.append(request)
        behavior = self.behaviors.get(request.path, _missing)
        await behavior(Exchange(request, reader, writer))
        with contextlib.suppress(OSError):
            await writer.drain()

    async def _trap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(page(pictures.picture("red")))
        await writer.drain()


def page(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A whole response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def _missing(exchange: Exchange) -> None:
    await exchange.send(page(b"no such page", "404 Not Found"))


def _parsed(address: str, head: str) -> Request:
    first, *lines = head.split("\r\n")
    fields = (line.partition(":") for line in lines if line)
    target = first.split(" ")[1]
    return Request(address, target, {key.lower(): value.strip() for key, _, value in fields})
