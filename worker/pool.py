"""Connections to origins: kept for a while, for the scheme, host and port alone that they were made for."""

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from wire import tracing
from wire.outside.exchange import Exchange
from wire.outside.guard import GuardedBackend
from wire.urls import Target

Origin = tuple[str, str, int]
"""Scheme, host and port."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A connection that idles, since so many monotonic seconds."""

    origin: Origin
    exchange: Exchange
    since: float


class Pool:
    """Lends connections, and makes them.

    Nothing is awaited between the moment at which a connection is there and the one at which somebody has
    it: who is canceled leaves none behind, and no place taken.

    Args:
        backend: dials, and judges addresses.
        tls: for https.
        most: connections there are at once, idle ones included.
        idle: seconds for which one is kept.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        backend: GuardedBackend,
        tls: ssl.SSLContext,
        most: int,
        idle: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        tls.set_alpn_protocols(["http/1.1"])
        self._network_backend = backend
        self._tls = tls
        self._most = most
        self._room = asyncio.Semaphore(most)
        self._idle = idle
        self._clock = clock
        self.kept: list[Kept] = []  # the one that idles longest first
        self.lent = 0

    async def take(self, target: Target, anew: bool = False) -> Exchange:
        """A connection, a new one if asked for; it must be given back.

        Raises:
            httpcore2.ConnectError, httpcore2.ConnectTimeout: there can be none.
            ServiceError: the target's address is refused, or its name unknown.
        """
        await self._room.acquire()
        self.lent += 1
        try:
            found = None if anew else await self._found(_origin(target))
            return found or await self._made(target)
        except BaseException:
            self._leave()
            raise

    async def give(self, target: Target, exchange: Exchange) -> None:
        """Back, whatever became of it."""
        try:
            if exchange.renew():
                self.kept.append(Kept(_origin(target), exchange, self._clock()))
            else:
                await exchange.aclose()
        finally:
            self._leave()

    async def aclose(self) -> None:
        """Let those go that idle."""
        while self.kept:
            await self.kept.pop().exchange.aclose()

    async def _found(self, origin: Origin) -> Exchange | None:
        await self._clear(self._clock() - self._idle)
        while (found := self._latest(origin)) is not None:
            if not found.unread():
                return found
            await found.aclose()
        return None

    def _latest(self, origin: Origin) -> Exchange | None:
        for at in reversed(range(len(self.kept))):
            if self.kept[at].origin == origin:
                return self.kept.pop(at).exchange
        return None

    async def _clear(self, before: float) -> None:
        while self.kept and self.kept[0].since < before:
            await self.kept.pop(0).exchange.aclose()

    async def _made(self, target: Target) -> Exchange:
        while self.kept and self.lent + len(self.kept) > self._most:
            await self.kept.pop(0).exchange.aclose()
        stream = await self._network_backend.connect_tcp(target.host, target.port)
        if target.scheme == "https":
            with tracing.span("tls"):
                stream = await stream.start_tls(self._tls, target.host)
        return Exchange(stream)

    def _leave(self) -> None:
        self.lent -= 1
        self._room.release()


def _origin(target: Target) -> Origin:
    return target.scheme, target.host, target.port
