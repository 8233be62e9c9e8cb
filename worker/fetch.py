"""A picture's bytes from the Internet: guarded, limited in bytes, hops and time.

Connections are `worker.pool`'s and requests `wire.outside.exchange`'s; httpcore2 lends its streams and
exceptions. See docs/decisions/0011-fetching.md.
"""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urljoin

from wire import errors, tracing, urls
from wire.outside.exchange import Exchange
from wire.outside.guard import GuardedBackend, Resolve
from wire.outside.origin import Dropped, OriginStatus, seconds
from wire.outside.plain import Head
from wire.outside.trust import trust
from worker import faults
from worker.inflate import coding
from worker.pool import Pool
from worker.request import written

REDIRECTS = {301, 302, 303, 307, 308}
BREATH = 64  # pieces of a body; as many may lie ready in one read, and others want their turn


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost: seconds in all, bytes on the wire and inflated, hops."""

    seconds: float = 15.0
    max_bytes: int = 10_000_000
    redirects: int = 5


class Fetcher:
    """GETs pictures; keeps connections to judged addresses open for the next one.

    A connection serves only the scheme, host and port that it was made for, and stays with the address
    that was judged when it was dialed: a name that turns elsewhere afterwards is judged at the next dial.

    Args:
        resolve: finds a name's addresses.
        allow: `host:port` pairs that may be fetched though they are not public.
        limits: what one fetch may cost.
        connections: fetches that run at once; the pool has room for twice as many, so that none waits
            for another's connection to be cleared away.
        tls: trust roots; the system's and certifi's when left out.
    """

    def __init__(
        self,
        resolve: Resolve,
        allow: frozenset[str] = frozenset(),
        limits: Limits | None = None,
        connections: int = 16,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allow = allow
        self._limits = limits or Limits()
        self._pool = Pool(GuardedBackend(resolve, allow), tls or trust(), 2 * connections)

    async def fetch(self, url: str) -> bytes:
        """The body behind a URL.

        Raises:
            InvalidUrl, UnsupportedScheme, CredentialsInUrl, BlockedAddress, BlockedPort: refused.
            UpstreamUnreachable, UpstreamStatus, UpstreamProtocol, TooManyRedirects, IncompleteBody,
            FetchTimeout, BodyTooLarge: the origin's doing.
        """
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._follow(url)
        except TimeoutError as error:
            raise errors.FetchTimeout from error

    async def close(self) -> None:
        await self._pool.aclose()

    async def _follow(self, url: str) -> bytes:
        target = urls.check(url, self._allow)
        for _ in range(self._limits.redirects + 1):
            with tracing.span("hop"):
                found = await self._hop(target)
            if isinstance(found, bytes):
                return found
            target = self._next(target, found.location)
        raise errors.TooManyRedirects

    async def _hop(self, target: urls.Target, anew: bool = False) -> "bytes | Redirect":
        with faults.before_the_body():
            exchange = await self._pool.take(target, anew)
        try:
            return await self._answer(target, exchange)
        except Dropped:
            # A kept connection that its origin closed meanwhile says nothing of the origin.
            if not exchange.kept:
                raise
        finally:
            await self._pool.give(target, exchange)
        return await self._hop(target, anew=True)

    async def _answer(self, target: urls.Target, exchange: Exchange) -> "bytes | Redirect":
        with faults.before_the_body(), tracing.span("ask", kept=exchange.kept) as span:
            head = await exchange.ask(written(target))
            span.say(status=head.status)
        location = _header(head, b"location")
        if head.status in REDIRECTS and location:
            return Redirect(location)
        if head.status != 200:
            raise OriginStatus(head.status, seconds(_header(head, b"retry-after")))
        with faults.in_the_body(), tracing.span("body") as span:
            body = await self._body(head, exchange)
            span.say(bytes=len(body))
            return body

    def _next(self, target: urls.Target, location: str) -> urls.Target:
        # Before it is joined: urljoin drops line breaks and tabs without a word.
        if not urls.is_clean(location):
            raise errors.UpstreamProtocol
        try:
            return urls.check(urljoin(target.url, location), self._allow)
        except (errors.InvalidUrl, ValueError) as error:
            raise errors.UpstreamProtocol from error

    async def _body(self, head: Head, exchange: Exchange) -> bytes:
        limit = self._limits.max_bytes
        declared = _header(head, b"content-length")
        if declared.isdecimal() and int(declared) > limit:
            raise errors.BodyTooLarge
        decoder = coding(_header(head, b"content-encoding"))
        body, received, pieces = bytearray(), 0, 0
        # Chunks are granted as they come, a body of a known length at once: it has nothing around it.
        chunked = _header(head, b"transfer-encoding")
        expected = int(declared) if declared.isdecimal() and not chunked else 0
        exchange.grant(expected)
        while (piece := await exchange.piece()) is not None:
            received += len(piece)
            if received > limit:
                raise errors.BodyTooLarge
            if received > expected:
                exchange.grant(received)
            body += decoder.feed(piece, limit - len(body))
            pieces += 1
            if pieces % BREATH == 0:
                await asyncio.sleep(0)
        decoder.finish()
        return bytes(body)


@dataclass(frozen=True, slots=True)
class Redirect:
    """The origin points elsewhere."""

    location: str


def _header(head: Head, name: bytes) -> str:
    """All values under a name, which is in lower case."""
    found = b", ".join(value for key, value in head.headers if key == name)
    return found.decode("utf-8", "replace").strip()
