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
from starlette.requests import HTTPConnection, Request

from api.access import credentials
from api.access.callers import Caller
from api.access.keyholder import Keyholder
from api.access.policy import Policy
from api.limits import addresses
from api.limits.rates import Limits
from api.sessions.kept import Session
from api.sessions.signed_in import SESSION
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
            Forbidden: the key lacks the scope, or nobody without a key may ask for this.
            RateLimited: too many requests of this client, or from this address.
            QueueUnavailable: the keys were never read.
        """
        address = self.address(request)
        try:
            caller = self._caller(request, address, scope)
        except (Unauthorized, Forbidden):
            self._limits.take_stranger(address)
            raise
        self._limits.take(caller, address)
        if scope not in caller.scopes:
            raise Forbidden(f"This key lacks the scope {scope}.")
        return caller

    def sign_in(self, request: HTTPConnection, key: str) -> Caller:
        """Who holds this key, which came with the request, but not in its headers; raises as `admit`."""
        address, known = self.address(request), self._keys.known
        if known is None:
            raise QueueUnavailable(UNREADABLE)
        caller = known.find(key, self._now())
        if caller is None:
            self._limits.take_stranger(address)
            raise Unauthorized
        self._limits.take(caller, address)
        return self._policy.holder(caller)

    def still(self, request: Request, scope: Scope) -> bool:
        """Whether whoever was admitted with that scope would be now; charges nothing."""
        try:
            return scope in self._caller(request, self.address(request), scope).scopes
        except (Unauthorized, Forbidden):
            return False
        except QueueUnavailable:
            return True

    def guess(self, request: HTTPConnection) -> None:
        """A secret came with the request that opens nothing; raises RateLimited as `admit` does."""
        self._limits.take_stranger(self.address(request))

    def spent(self, request: HTTPConnection) -> bool:
        """Whether nothing more is looked up for the request's address just now."""
        return self._limits.spent(self.address(request))

    def client(self, session: Session | None) -> Caller | None:
        """Whose session it is, as long as the key that opened it would let him in."""
        known = self._keys.known
        if session is None or known is None:
            return None
        caller = known.held(session.key, self._now())
        return None if caller is None else self._policy.holder(caller)

    def address(self, request: HTTPConnection) -> str:
        """Whose address the request comes from, as limits count it."""
        peer = request.client.host if request.client else None
        forwarded = request.headers.getlist("x-forwarded-for")
        return addresses.counted(peer, forwarded, self._proxies)

    def _caller(self, request: Request, address: str, scope: Scope) -> Caller:
        key, known = credentials.shown(request.headers), self._keys.known
        if known is None and (key is not None or self._policy.needs_keys):
            raise QueueUnavailable(UNREADABLE)
        if known is None or key is None:
            signed_in = self.client(request.scope.get("state", {}).get(SESSION))
            return signed_in or self._policy.stranger(address, scope, request)
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
