"""The connections to one service: kept while they are young, opened when all of them are waiting."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from bench.loadtest.connection import Connection, Reply

# Servers end idle connections after 5 s and more; one that is just being ended loses its request.
IDLE = 4.0
PORTS = {"http": 80, "https": 443}


class Lines:
    """Asks a service about pictures, each on a connection of its own while it waits.

    Args:
        service: URL, http or https; what stands in its path comes before `/classify`. Certificates are
            checked against the machine's, or those in SSL_CERT_FILE.
        headers: sent along with every request.
    """

    def __init__(self, service: str, headers: Mapping[str, str]) -> None:
        place = urlsplit(service)
        self._host = place.hostname or ""
        self._port = place.port or PORTS[place.scheme]
        self._tls = ssl.create_default_context() if place.scheme == "https" else None
        self._path = place.path.rstrip("/")
        sent = {"Host": place.netloc.rpartition("@")[2], **headers}
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        self._idle: list[Connection] = []

    async def classify(self, picture: str) -> Reply:
        """Ask what is in the picture under this URL.

        Raises:
            Broken: the connection ended, or what came is no HTTP.
            OSError: none could be opened; ssl.SSLError: not a safe one.
        """
        line = self._kept() or await self._opened()
        target = f"{self._path}/classify?url={quote(picture, safe='')}"
        reply = await line.ask(f"GET {target} HTTP/1.1\r\n{self._headers}\r\n".encode("latin-1"))
        if line.usable:
            line.idle_since = time.perf_counter()
            self._idle.append(line)
        else:
            line.close()
        return reply

    def close(self) -> None:
        """End the idle ones; who waits ends its own."""
        for line in self._idle:
            line.close()
        self._idle.clear()

    def _kept(self) -> Connection | None:
        youngest = self._idle.pop() if self._idle else None
        if youngest is None or (
            youngest.usable and time.perf_counter() - youngest.idle_since < IDLE
        ):
            return youngest
        youngest.close()
        self.close()  # the others are older
        return None

    async def _opened(self) -> Connection:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(Connection, self._host, self._port, ssl=self._tls)
        return line
