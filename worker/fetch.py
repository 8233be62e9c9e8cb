"""A picture's bytes from the Internet: guarded, limited in bytes, hops and time.

httpcore2 rather than httpx2: what that adds (redirects, cookies, proxies of the environment, unbounded
inflating) would all have to be switched off again. See docs/decisions/0011-fetching.md.
"""

import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urljoin

import anyio
import anyio.lowlevel
import certifi
import httpcore2

from wire import errors, urls
from worker import faults
from worker.guard import DIALED, GuardedBackend, Resolve
from worker.inflate import coding
from worker.metered import Metered, said_more
from worker.origin import OriginStatus, seconds
from worker.request import HEADERS, address_of, host_header

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
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls or _trust(),
            max_connections=2 * connections,
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(resolve, allow),
        )

    async def fetch(self, url: str) -> bytes:
        """The body behind a URL.

        Raises:
            InvalidUrl, UnsupportedScheme, CredentialsInUrl, BlockedAddress, BlockedPort: refused.
            UpstreamUnreachable, UpstreamStatus, UpstreamProtocol, TooManyRedirects, IncompleteBody,
            FetchTimeout, BodyTooLarge: the origin's doing.
        """
        # Not asyncio's time-out: httpcore2 shields its clean-up from anyio's cancellation alone, and a
        # native one that hits it takes a place in the pool away for good.
        try:
            with anyio.fail_after(self._limits.seconds):
                return await self._follow(url)
        except TimeoutError as error:
            raise errors.FetchTimeout from error

    async def close(self) -> None:
        await self._pool.aclose()

    async def _follow(self, url: str) -> bytes:
        target = urls.check(url, self._allow)
        for _ in range(self._limits.redirects + 1):
            found = await self._hop(target)
            if isinstance(found, bytes):
                return found
            target = self._next(target, found.location)
        raise errors.TooManyRedirects

    async def _hop(self, target: urls.Target) -> "bytes | Redirect":
        async with self._answered(target) as response:
            location = _header(response, b"location")
            if response.status in REDIRECTS and location:
                return Redirect(location)
            if response.status != 200:
                raise OriginStatus(response.status, seconds(_header(response, b"retry-after")))
            with faults.in_the_body():
                return await self._body(response)

    def _next(self, target: urls.Target, location: str) -> urls.Target:
        # Before it is joined: urljoin drops line breaks and tabs without a word.
        if not urls.is_clean(location):
            raise errors.UpstreamProtocol
        try:
            return urls.check(urljoin(target.url, location), self._allow)
        except (errors.InvalidUrl, ValueError) as error:
            raise errors.UpstreamProtocol from error

    @contextlib.asynccontextmanager
    async def _answered(self, target: urls.Target) -> AsyncIterator[httpcore2.Response]:
        with faults.before_the_body():
            DIALED.set(False)
            try:
                response = await self._get(target)
            except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
                # A kept connection that its origin closed meanwhile says nothing of the origin.
                if DIALED.get() or not faults.is_stale(error):
                    raise
                response = await self._get(target)
        try:
            yield response
        finally:
            await response.aclose()

    async def _get(self, target: urls.Target) -> httpcore2.Response:
        # The time for reading and writing is that of the whole fetch, which `fetch` watches.
        timeouts = dict.fromkeys(("connect", "pool"), self._limits.seconds)
        request = httpcore2.Request(
            "GET",
            address_of(target),
            headers=[(b"Host", host_header(target)), *HEADERS],
            extensions={"timeout": timeouts},
        )
        return await self._pool.handle_async_request(request)

    async def _body(self, response: httpcore2.Response) -> bytes:
        limit = self._limits.max_bytes
        declared = _header(response, b"content-length")
        if declared.isdecimal() and int(declared) > limit:
            raise errors.BodyTooLarge
        decoder = coding(_header(response, b"content-encoding"))
        wire: Metered = response.extensions["network_stream"]
        body, received, pieces = bytearray(), 0, 0
        wire.grant(0)
        async for piece in response.aiter_stream():
            received += len(piece)
            if received > limit:
                raise errors.BodyTooLarge
            wire.grant(received)
            body += decoder.feed(piece, limit - len(body))
            pieces += 1
            if pieces % BREATH == 0:
                await anyio.lowlevel.checkpoint()
        if said_more(response):
            await wire.aclose()
        decoder.finish()
        return bytes(body)


@dataclass(frozen=True, slots=True)
class Redirect:
    """The origin points elsewhere."""

    location: str


def _trust() -> ssl.SSLContext:
    # certifi's too: a container may have no roots of its own.
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _header(response: httpcore2.Response, name: bytes) -> str:
    found = b", ".join(value for key, value in response.headers if key.lower() == name)
    return found.decode("utf-8", "replace").strip()
