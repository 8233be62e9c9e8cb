"""One kept connection to a server of any kind, with as little of a client around it as HTTP allows.

Ours takes a GET with the picture's URL; frameworks that serve functions take a POST with JSON.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, urlsplit

Door: TypeAlias = Callable[[str, str], bytes]
"""(host, URL of a picture) -> the bytes of a request."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, the seconds that its answer took to the last byte, its body."""

    status: int
    seconds: float
    body: bytes


class Line:
    """Asks one request after the other; use `opened`."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, door: Door
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._host = host
        self._door = door

    async def classify(self, picture: str) -> Reply:
        """Ask what is in the picture under this URL.

        Raises:
            ConnectionError, asyncio.IncompleteReadError: the server hung up.
        """
        began = time.perf_counter()
        self._writer.write(self._door(self._host, picture))
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if b"\r\ntransfer-encoding: chunked" in head:
            body = await self._chunks()
        else:
            body = await self._reader.readexactly(_length(head))
        return Reply(int(head[9:12]), time.perf_counter() - began, body)

    def close(self) -> None:
        self._writer.close()

    async def _chunks(self) -> bytes:
        body = b""
        while size := int((await self._reader.readline()).split(b";")[0], 16):
            body += await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        await self._reader.readline()
        return body


async def opened(server: str, door: Door) -> Line:
    """A connection to the server at this URL.

    Raises:
        ConnectionRefusedError: nobody listens there.
    """
    place = urlsplit(server)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    return Line(reader, writer, place.netloc, door)


def get(host: str, picture: str) -> bytes:
    """GET /classify?url=…"""
    return f"GET /classify?url={quote(picture, safe='')} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def post_one(host: str, picture: str) -> bytes:
    """POST {"url": …}"""
    return _post(host, {"url": picture})


def post_list(host: str, picture: str) -> bytes:
    """POST {"urls": […]}, of one picture: the form in which batches are gathered."""
    return _post(host, {"urls": [picture]})


def _post(host: str, content: dict[str, object]) -> bytes:
    body = json.dumps(content)
    return (
        f"POST /classify HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"\r\ncontent-length: ")
    return int(rest.partition(b"\r\n")[0]) if found else 0
