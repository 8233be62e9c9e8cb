"""Who may come in: only holders of keys, or everybody."""

import hashlib
import math
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from starlette.requests import Request

from api.access import visiting
from api.access.callers import EVERYTHING, Caller, Limit
from api.limits.buckets import Buckets
from wire.errors import RateLimited, Unauthorized
from wire.keyring import Scope

HOUR = 3600.0
VISITING: frozenset[Scope] = frozenset({"classify", "jobs"})
CHARGED: Scope = "classify"
ENOUGH = "That was all that can be classified without a key for now; a key has no such limit."


class Policy(Protocol):
    """What the setting `access` chooses."""

    @property
    def needs_keys(self) -> bool:
        """Whether nothing works before the keys were read once."""

    def stranger(self, address: str, scope: Scope, request: Request) -> Caller:
        """Somebody who shows no key, and asks with this request for something that needs this scope.

        Raises:
            Unauthorized: he is not served.
            Forbidden: he is, and not this.
            RateLimited: he was, and not again so soon.
        """

    def holder(self, caller: Caller) -> Caller:
        """Somebody whose key is good."""


class Strangers:
    """Those without a key, and what they may.

    A stranger's group is a keyed hash of his address: the queue need not know addresses. The key is this
    process's own, so that the same address is another group at another replica.
    """

    def __init__(self, scopes: frozenset[Scope]) -> None:
        self._scopes = scopes
        self._key = secrets.token_bytes(32)

    def caller(self, address: str) -> Caller:
        """Whoever asks from there."""
        digest = hashlib.blake2b(address.encode(), key=self._key, digest_size=8)
        return Caller("", self._scopes, f"address-{digest.hexdigest()}")


class HoldersOnly:
    """`access=keys`: a key for everything, and the scope that it needs."""

    needs_keys = True

    def stranger(self, address: str, scope: Scope, request: Request) -> Caller:  # noqa: ARG002
        raise Unauthorized

    def holder(self, caller: Caller) -> Caller:
        return caller


class HoldersAndVisitors(HoldersOnly):
    """`access=keys` with `visitors`: whoever has no key may ask about pictures so often an hour and address.

    Args:
        quota: requests an hour of an address.
        replicas: how many replicas there are; each gives its part.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        quota: int,
        replicas: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = Limit(quota / HOUR, quota)
        self._replicas = replicas
        self._clock = clock
        self._buckets = Buckets()
        self._strangers = Strangers(VISITING)

    def stranger(self, address: str, scope: Scope, request: Request) -> Caller:
        if scope not in VISITING:
            raise Unauthorized
        visiting.check(request)
        caller = self._strangers.caller(address)
        if scope != CHARGED:
            return caller  # to follow what was asked for costs nothing more
        now, limit = self._clock(), self._limit.shared(self._replicas())
        wait = self._buckets.wait(address, limit, now)
        if wait > 0:
            raise RateLimited(ENOUGH, retry_after=max(1, math.ceil(wait)))
        self._buckets.take(address, limit, now)
        return caller


class Public:
    """`access=public`: everybody may do everything. A key still tells who asks, for limits and fairness."""

    needs_keys = False

    def __init__(self) -> None:
        self._strangers = Strangers(EVERYTHING)

    def stranger(self, address: str, scope: Scope, request: Request) -> Caller:  # noqa: ARG002
        return self._strangers.caller(address)

    def holder(self, caller: Caller) -> Caller:
        return replace(caller, scopes=EVERYTHING)
