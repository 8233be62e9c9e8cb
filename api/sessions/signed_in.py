"""Around every request: whoever shows a session's cookie and no key is taken for the session's client."""

from contextlib import suppress
from typing import Protocol

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.sessions import cookie
from api.sessions.kept import Session, Sessions
from wire.errors import QueueUnavailable, RateLimited

SAFE = {"GET", "HEAD", "OPTIONS"}
HELD, SESSION = "held", "session"  # in a request's state


class Guesses(Protocol):
    """What is charged for secrets that open nothing; satisfied by `api.access.guard.Access`."""

    def spent(self, request: HTTPConnection) -> bool: ...

    def guess(self, request: HTTPConnection) -> None: ...


class SignedIn:
    """ASGI middleware. A request without a cookie, which is nearly every one, costs a look at its headers.

    Leaves the cookie's secret and its session in the request's state. A request that changes something has no
    session unless a page of ours sent it (`api.sessions.cookie`).

    Args:
        sessions: those that there are.
        guesses: a look for a session that is none costs the address a token, and none is made without.
        proxies: trusted proxies in front.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions, guesses: Guesses, proxies: int) -> None:
        self._app = app
        self._sessions = sessions
        self._guesses = guesses
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and any(name == b"cookie" for name, _ in scope["headers"]):
            await self._look(scope)
        await self._app(scope, receive, send)

    async def _look(self, scope: Scope) -> None:
        request = HTTPConnection(scope)
        held = cookie.secret(request, self._proxies)
        if held is None:
            return
        state = scope.setdefault("state", {})
        state[HELD] = held
        if held.startswith(cookie.VISIT):
            return
        told = (request.headers.get(cookie.HEADER),)
        if scope["method"] in SAFE or cookie.genuine(request, held, told):
            state[SESSION] = await self._found(request, held)

    async def _found(self, request: HTTPConnection, held: str) -> Session | None:
        # The store is asked for what strangers make up: as often as they may ask for anything.
        if not self._sessions.knows(held) and self._guesses.spent(request):
            return None
        try:
            session = await self._sessions.find(held)
        except QueueUnavailable:
            return None  # as without a cookie: nobody knows whose it is
        if session is None:
            with suppress(RateLimited):
                self._guesses.guess(request)
        return session
