"""Port 443 of the honest addresses: certificates good and bad by the name asked for, and no TLS at all."""

import asyncio
import ssl

from tests.acceptance.hostile import zone
from tests.acceptance.hostile.certificates import Authority


class Tls:
    """Starts TLS on a connection, or what stands in its place at that address."""

    def __init__(self, authority: Authority) -> None:
        self._contexts = {
            "tls.test": authority.context("tls.test"),
            "wrong-name.test": authority.context("somebody-else.test"),
            "expired.test": authority.context("expired.test", days=-1),
        }
        self._self_signed = authority.self_signed("self-signed.test")
        self._front = authority.context("front.test")
        self._front.sni_callback = self._choose

    async def start(
        self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str
    ) -> bool:
        """Whether there is a TLS connection now."""
        if address == zone.NO_TLS:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\nthis is no TLS")
            return False
        own = self._self_signed if address == zone.SELF_SIGNED else self._front
        try:
            await writer.start_tls(own)
        except (OSError, ssl.SSLError):
            return False
        return True

    def _choose(self, connection: ssl.SSLObject, name: str | None, _context: object) -> None:
        connection.context = self._contexts.get(name or "", self._front)
