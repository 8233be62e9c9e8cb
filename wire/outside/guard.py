# ruff: noqa: ARG002, ASYNC109 -- the signatures are those of httpcore2
"""The dial: which address a socket connects to, decided after DNS and at no other time.

A URL's text proves nothing about where it leads: a public name may resolve to a private address, and
resolve differently the next time. So the address that was judged is the one that is connected to.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from typing import Any

import httpcore2

from wire import addresses, tracing, urls
from wire.errors import BlockedAddress, UpstreamUnreachable
from wire.outside.line import Dial
from wire.outside.metered import Metered
from wire.outside.origin import NoSuchName

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Every address of a name, in the order to try them. Raises OSError when there is none."""

DIAL_SECONDS = 5.0
DIALS = (
    4  # addresses of a name that are tried; its owner may list thousands, of hosts that are not his
)
NO_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class SystemResolver:
    """getaddrinfo in threads of its own.

    A name server that hangs holds a thread for up to half a minute. In asyncio's shared pool a few of
    those would stop everything else that uses it.

    Args:
        threads: look-ups at once. Three for each fetch that runs at once are enough: one that is given up
            after 15 s leaves its look-up behind, for 15 s more.
    """

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="dns")

    async def __call__(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._pool, _look_up, host, port)
        return list(dict.fromkeys(str(row[4][0]) for row in found))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int) -> list[tuple[Any, ...]]:
    # Bytes: text would go through Python's own IDNA, which is not the one that the host was judged by.
    return list(socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM))


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to public addresses, and to `host:port` pairs that were allowed by name.

    TLS still names and verifies the host of the URL: only the TCP connection is redirected to the
    judged address.

    Args:
        resolve: finds the addresses of a name.
        allow: `host:port` pairs that may be private.
        dial: makes the connection to an address.
    """

    def __init__(
        self,
        resolve: Resolve,
        allow: frozenset[str],
        dial: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._resolve = resolve
        self._allow = allow
        self._dial = dial or Dial()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> Metered:
        """Connect to the first judged address that answers, of DIALS.

        Raises:
            BlockedAddress: one of the name's addresses is not public.
            UpstreamUnreachable: the name does not resolve.
            httpcore2.ConnectError, httpcore2.ConnectTimeout: no address answers.
        """
        failure: Exception | None = None
        with tracing.span("dns"):
            found = _few(await self._judged(host, port))
        seconds = min(timeout or DIAL_SECONDS, DIAL_SECONDS)
        for address in found:
            try:
                with tracing.span("connect"):
                    stream = await self._dial.connect_tcp(address, port, seconds, local_address)
                return Metered(stream)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or UpstreamUnreachable

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Never: no URL leads to a socket file."""
        raise BlockedAddress

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _judged(self, host: str, port: int) -> list[str]:
        try:
            found = await self._resolve(host, port)
        except OSError as error:
            unknown = isinstance(error, socket.gaierror) and error.errno in NO_NAME
            raise (NoSuchName if unknown else UpstreamUnreachable) from error
        if urls.shown(host, port) in self._allow:
            return found
        # One private address among public ones is how a rebinding name begins.
        if not all(_may_dial(address) for address in found):
            raise BlockedAddress
        return found


def _few(found: list[str]) -> list[str]:
    """The first ones, of both families by turns: one of them may lead nowhere. RFC 8305, 4."""
    six = [":" in address for address in found]
    like = [address for address, is_six in zip(found, six, strict=True) if is_six is six[0]]
    unlike = [address for address, is_six in zip(found, six, strict=True) if is_six is not six[0]]
    pairs = zip_longest(like, unlike)
    return [address for pair in pairs for address in pair if address is not None][:DIALS]


def _may_dial(text: str) -> bool:
    address = addresses.parse(text)
    return address is not None and addresses.is_public(address)
