"""How often a client and an address may ask this replica."""

import math
import time
from collections.abc import Callable

from api.access.callers import Caller, Limit
from api.limits.buckets import Buckets
from wire.errors import RateLimited

TOO_OFTEN = "Too many requests with this client's keys."
TOO_MANY_HERE = "Too many requests from this address."


class Limits:
    """The buckets of one replica.

    Args:
        client: what a client's keys may together.
        address: what an address may, with whatever keys or without.
        replicas: how many replicas there are; each gives its part.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        client: Limit,
        address: Limit,
        replicas: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._address = address
        self._replicas = replicas
        self._clock = clock
        self._clients = Buckets()
        self._addresses = Buckets()

    def take(self, caller: Caller, address: str) -> None:
        """One request: a token of its client's, where it has one, and one of its address's; both or none.

        Raises:
            RateLimited: one of the two has none; says in how many seconds it has.
        """
        if not caller.name:
            self.take_stranger(address)
            return
        now, limit = self._clock(), self._part(caller.limit(self._client))
        _refuse(self._clients.wait(caller.name, limit, now), TOO_OFTEN)
        self._take_address(address, now)
        self._clients.take(caller.name, limit, now)

    def spent(self, address: str) -> bool:
        """Whether this address has no token left."""
        return self._addresses.wait(address, self._part(self._address), self._clock()) > 0

    def take_stranger(self, address: str) -> None:
        """One request of somebody without a key, or with a wrong one; raises as `take` does."""
        self._take_address(address, self._clock())

    def _take_address(self, address: str, now: float) -> None:
        limit = self._part(self._address)
        _refuse(self._addresses.wait(address, limit, now), TOO_MANY_HERE)
        self._addresses.take(address, limit, now)

    def _part(self, limit: Limit) -> Limit:
        return limit.shared(self._replicas())


def _refuse(wait: float, why: str) -> None:
    if wait > 0:
        raise RateLimited(why, retry_after=max(1, math.ceil(wait)))
