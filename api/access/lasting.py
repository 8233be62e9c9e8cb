"""May whoever was let in go on? What lasts, as streams do, asks that now and then."""

from contextlib import suppress

from starlette.requests import Request

from api.access.guard import Access
from api.sessions.kept import Sessions
from api.sessions.signed_in import HELD, SESSION
from wire.errors import QueueUnavailable
from wire.keyring import Scope


class Lasting:
    """Asks it, and charges nothing."""

    def __init__(self, access: Access, sessions: Sessions) -> None:
        self._access = access
        self._sessions = sessions

    async def may(self, request: Request, scope: Scope) -> bool:
        """Whether whoever was admitted with that scope would be now, the session included by which he was."""
        state = request.scope.get("state", {})
        if state.get(SESSION) is not None:
            with suppress(QueueUnavailable):
                state[SESSION] = await self._sessions.find(state[HELD])
        return self._access.still(request, scope)
