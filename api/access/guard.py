"""At the door of every route: who asks, may he, and not too often?

A request is charged whatever becomes of it, also one that is refused: guessing keys costs tokens of the
guesser's address.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Security
from fastapi.params import Depends
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.requests import Request

from api.access import credentials
from api.access.callers import Caller
from api.access.keyholder import Keyholder
from api.access.policy import Policy
from api.limits import addresses
from api.limits.rates import Limits
from wire.errors import Forbidden, QueueUnavailable, ServiceError, Unauthorized
from wire.keyring import Scope

__all__ = ["Access", "Caller", "Guard", "guard"]

REFUSALS = ("unauthorized", "forbidden", "rate_limited", "queue_unavailable")
UNREADABLE = "The keys cannot be read just now; try again."
_ABOUT = "A key made with `classifycloud keys add NAME`."
_BEARER = HTTPBearer(scheme_name="bearer", description=_ABOUT, auto_error=False)
_HEADER = APIKeyHeader(name="X-API-Key", scheme_name="header", description=_ABOUT, auto_error=False)

Guard = Callable[[Scope], Depends]


class Access:
    """Lets requests in.

    Args:
        policy: what becomes of those who show no key.
        keys: the keys that are known.
        limits: how often one may ask.
        proxies: trusted proxies in front.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        policy: Policy,
        keys: Keyholder,
        limits: Limits,
        proxies: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._policy = policy
        self._keys = keys
        self._limits = limits
        self._proxies = proxies
        self._now = now

    def fault(self) -> ServiceError | None:
        """Why nobody can be let in just now; None when somebody can."""
        unread = self._policy.needs_keys and self._keys.known is None
        return QueueUnavailable(UNREADABLE) if unread else None

    def admit(self, request: Request, scope: Scope) -> Caller:
        """Who sends this request, which needs that scope.

        Raises:
            Unauthorized: no key, a wrong one, or two.
            Forbidden: the key lacks the scope.
            RateLimited: too many requests of this client, or from this address.
            QueueUnavailable: the keys were never read.
        """
        peer = request.client.host if request.client else None
        forwarded = request.headers.getlist("x-forwarded-for")
        address = addresses.counted(peer, forwarded, self._proxies)
        try:
            caller = self._caller(request, address)
        except Unauthorized:
            self._limits.take_stranger(address)
            raise
        self._limits.take(caller, address)
        if scope not in caller.scopes:
            raise Forbidden(f"This key lacks the scope {scope}.")
        return caller

    def _caller(self, request: Request, address: str) -> Caller:
        key, known = credentials.shown(request.headers), self._keys.known
        if known is None and (key is not None or self._policy.needs_keys):
            raise QueueUnavailable(UNREADABLE)
        if known is None or key is None:
            return self._policy.stranger(address)
        caller = known.find(key, self._now())
        if caller is None:
            raise Unauthorized
        return self._policy.holder(caller)


def guard(access: Access) -> Guard:
    """What a route depends on: `guard(access)("classify")`. Leaves the caller in `request.state.caller`."""

    def needing(scope: Scope) -> Depends:
        return Depends(_admitting(access, scope))

    return needing


def _admitting(access: Access, scope: Scope) -> Callable[..., Awaitable[None]]:
    async def admitted(
        request: Request,
        _bearer: Annotated[object, Security(_BEARER)],
        _header: Annotated[object, Security(_HEADER)],
    ) -> None:
        # The two schemes are there for the OpenAPI document; what was sent is read in one place.
        request.state.caller = access.admit(request, scope)

    return admitted
