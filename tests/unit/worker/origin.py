"""An origin on loopback that says byte for byte what a test wants, and a fetcher that may reach it."""

import asyncio
import contextlib

import httpcore2
import pytest

from wire.errors import ServiceError
from wire.outside.guard import SystemResolver
from worker.fetch import Fetcher, Limits

PICTURE = bytes(range(256)) * 40
OK = b"HTTP/1.1 200 OK\r\n"


class Origin:
    """Answers every path with prepared bytes; `requests` holds what clients sent."""

    def __init__(self, pages):
        self.pages, self.requests, self.connections = pages, [], 0

    async def serve(self, reader, writer):
        self.connections += 1
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head)
                page = self.pages[head.split()[1].decode()]
                if not await self._send(writer, page):
                    break
        writer.close()

    async def _send(self, writer, page):
        pieces, keep = (page, True) if isinstance(page, tuple) else ((page,), True)
        for piece in pieces:
            if piece is None:  # hang up
                return False
            if isinstance(piece, (int, float)):
                await asyncio.sleep(piece)
            else:
                writer.write(piece)
                await writer.drain()
        return keep


class Canned(httpcore2.AsyncNetworkBackend):
    """Every connection answers with these pieces and hangs up; nothing leaves the machine."""

    def __init__(self, *pieces):
        self.dialed, self._pieces = [], [piece for piece in pieces if piece]

    async def connect_tcp(self, host, port, *_):
        self.dialed.append((host, port))
        return httpcore2.AsyncMockStream(list(self._pieces))


@contextlib.asynccontextmanager
async def origin(pages, tls=None):
    server = Origin(pages)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    server.host = f"127.0.0.1:{server.port}"
    try:
        yield server
    finally:
        listening.close()


@contextlib.asynccontextmanager
async def fetching(*allow, **limits):
    resolver = SystemResolver(2)
    fetcher = Fetcher(resolver, frozenset(allow), Limits(**limits))
    try:
        yield fetcher
    finally:
        await fetcher.close()
        resolver.close()


def page(body, *headers, length=None):
    lines = [f"Content-Length: {len(body) if length is None else length}", *headers]
    return OK + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body


def moved(location, status=302):
    return (
        f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


async def fetch(answer, path="/x", **limits):
    async with origin({path: answer}) as server, fetching(server.host, **limits) as fetcher:
        return await fetcher.fetch(f"http://{server.host}{path}")


async def refused(answer, **limits):
    with pytest.raises(ServiceError) as caught:
        await fetch(answer, **limits)
    return caught.value.code
