"""A picture's bytes from the Internet: guarded, limited in bytes, hops and time.

httpcore rather than httpx: httpx imports a terminal toolkit, a fifth of this process's start-up.
"""

import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

import anyio
import httpcore

from wire import errors, urls
from worker.guard import GuardedBackend, Resolve
from worker.inflate import coding
from worker.request import HEADERS, address_of, host_header

REDIRECTS = {301, 302, 303, 307, 308}
STALE = (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost: seconds in all, bytes on the wire and inflated, hops."""

    seconds: float = 15.0
    max_bytes: int = 10_000_000
    redirects: int = 5


class Fetcher:
    """GETs pictures; keeps connections to judged addresses open for the next one.

    Args:
        resolve: finds a name's addresses.
        allow: `host:port` pairs that may be fetched though they are not public.
        limits: what one fetch may cost.
        connections: fetches that run at once; the pool has room for twice as many, so that none waits
            for another's connection to be cleared away.
        tls: trust roots; the certifi bundle when left out.
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
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or httpcore.default_ssl_context(),
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
        # Not asyncio's time-out: httpcore shields its clean-up from anyio's cancellation alone, and a
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
                raise errors.UpstreamStatus(
                    f"The picture's host answered {response.status} instead of the picture."
                )
            with _body_faults():
                return await self._body(response)

    def _next(self, target: urls.Target, location: str) -> urls.Target:
        try:
            return urls.check(urljoin(target.url, location), self._allow)
        except (errors.InvalidUrl, ValueError) as error:
            raise errors.UpstreamProtocol from error

    @contextlib.asynccontextmanager
    async def _answered(self, target: urls.Target) -> AsyncIterator[httpcore.Response]:
        async with contextlib.AsyncExitStack() as stack:
            with _head_faults():
                try:
                    response = await stack.enter_async_context(self._get(target))
                except STALE:
                    # The origin may have closed an idle connection in the instant it was taken up.
                    response = await stack.enter_async_context(self._get(target))
            yield response

    def _get(
        self, target: urls.Target
    ) -> contextlib.AbstractAsyncContextManager[httpcore.Response]:
        seconds = self._limits.seconds
        return self._pool.stream(
            "GET",
            address_of(target),
            headers=[(b"Host", host_header(target)), *HEADERS],
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)},
        )

    async def _body(self, response: httpcore.Response) -> bytes:
        limit = self._limits.max_bytes
        declared = _header(response, b"content-length")
        if declared.isdecimal() and int(declared) > limit:
            raise errors.BodyTooLarge
        decoder = coding(_header(response, b"content-encoding"))
        body, received = bytearray(), 0
        async for piece in response.aiter_stream():
            received += len(piece)
            if received > limit:
                raise errors.BodyTooLarge
            body += decoder.feed(piece, limit - len(body))
        decoder.finish()
        return bytes(body)


@dataclass(frozen=True, slots=True)
class Redirect:
    """The origin points elsewhere."""

    location: str


def _header(response: httpcore.Response, name: bytes) -> str:
    found = b", ".join(value for key, value in response.headers if key.lower() == name)
    return found.decode("utf-8", "replace").strip()


@contextlib.contextmanager
def _head_faults() -> Iterator[None]:
    try:
        yield
    except httpcore.ConnectError as error:
        raise _unreached(error) from error
    except httpcore.ConnectTimeout as error:
        raise errors.UpstreamUnreachable from error
    except httpcore.TimeoutException as error:
        raise errors.FetchTimeout from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise errors.UpstreamProtocol from error


def _unreached(error: httpcore.ConnectError) -> errors.ServiceError:
    if isinstance(error.__cause__, ssl.SSLError) or isinstance(error.__context__, ssl.SSLError):
        return errors.UpstreamProtocol("The picture's host could not prove who it is (TLS).")
    return errors.UpstreamUnreachable()


@contextlib.contextmanager
def _body_faults() -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise errors.FetchTimeout from error
    except httpcore.NetworkError as error:
        raise errors.IncompleteBody from error
    except httpcore.RemoteProtocolError as error:
        cut = "peer closed connection" in str(error)
        raise (errors.IncompleteBody if cut else errors.UpstreamProtocol) from error
