"""One kept connection to the service, with as little of a client around it as HTTP allows.

A client library spends more CPU on a refusal than the service does, and would be what is measured.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, the seconds that its answer took to the last byte, its Retry-After, 0 if none, its body."""

    status: int
    seconds: float
    retry_after: int = 0
    body: bytes = b""


class Line:
    """Asks one request after the other; use `opened`."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._headers = headers

    @property
    def ended(self) -> bool:
        """Whether the service has hung up; it does so after 75 idle seconds."""
        return self._reader.at_eof()

    async def classify(self, picture: str) -> Reply:
        """Ask what is in the picture under this URL.

        Raises:
            ConnectionError, asyncio.IncompleteReadError: the service hung up.
        """
        began = time.perf_counter()
        target = f"/classify?url={quote(picture, safe='')}"
        self._writer.write(f"GET {target} HTTP/1.1\r\n{self._headers}\r\n".encode("ascii"))
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        body = await self._reader.readexactly(_field(head, b"\r\ncontent-length: "))
        took = time.perf_counter() - began
        return Reply(int(head[9:12]), took, _field(head, b"\r\nretry-after: "), body)

    def close(self) -> None:
        self._writer.close()


async def opened(service: str, headers: Mapping[str, str]) -> Line:
    """A connection to the service at this URL; the headers go with every request."""
    place = urlsplit(service)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    sent = {"Host": place.netloc, **headers}
    return Line(reader, writer, "".join(f"{name}: {value}\r\n" for name, value in sent.items()))


def _field(head: bytes, name: bytes) -> int:
    _, found, rest = head.partition(name)
    return int(rest.partition(b"\r\n")[0]) if found else 0
