"""One message to a receiver, over the guarded dial: nothing of ours goes along, no redirect is followed."""

import asyncio
import ssl
from collections.abc import Mapping

import httpcore2

from api.hooks.delivery import NotTold, Refused
from wire import urls
from wire.errors import BlockedAddress, BlockedPort, ServiceError
from wire.outside import request
from wire.outside.exchange import Exchange
from wire.outside.guard import GuardedBackend, Resolve
from wire.outside.target import host_header, path_of

SECONDS = 10.0  # for all of it, DNS and TLS included
USER_AGENT = b"ClassifyCloud/0.1 (webhooks)"


class Post:
    """Sends messages, each over a connection of its own.

    Args:
        resolve: finds a name's addresses.
        allow: `host:port` pairs that may be private.
        tls: whom to trust.
    """

    def __init__(
        self,
        resolve: Resolve,
        allow: frozenset[str],
        tls: ssl.SSLContext,
        seconds: float = SECONDS,
    ) -> None:
        self._backend = GuardedBackend(resolve, allow)
        self._allow = allow
        self._tls = tls
        self._seconds = seconds

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status that it is answered with. Of the answer nothing but its head is read.

        Raises:
            NotTold: it could not be sent, or was not answered in time.
            Refused: it may not be sent there.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._sent(urls.check(url, self._allow), headers, body)
        except TimeoutError as error:
            raise NotTold("it took too long") from error
        except (BlockedAddress, BlockedPort) as error:
            raise Refused(error.code) from error
        except ServiceError as error:
            raise NotTold(error.code) from error
        except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
            raise NotTold("it could not be reached, or hung up") from error
        except httpcore2.ProtocolError as error:
            raise NotTold("it broke the protocol") from error

    async def _sent(self, target: urls.Target, headers: Mapping[str, str], body: bytes) -> int:
        stream = await self._backend.connect_tcp(target.host, target.port)
        try:
            if target.scheme == "https":
                stream = await stream.start_tls(self._tls, target.host)
            head = await Exchange(stream).ask(_request(target, headers, body))
        finally:
            await stream.aclose()
        return head.status


def _request(target: urls.Target, headers: Mapping[str, str], body: bytes) -> bytes:
    own = [
        (b"Host", host_header(target)),
        (b"User-Agent", USER_AGENT),
        (b"Content-Type", b"application/json"),
        (b"Content-Length", str(len(body)).encode()),
        (b"Connection", b"close"),
    ]
    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    return request.written(b"POST", path_of(target), [*own, *given], body)
