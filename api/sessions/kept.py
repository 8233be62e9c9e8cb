"""Sessions as they lie in the store: under the hash of what the browser holds, so that whoever reads the
store can sign in as nobody. Any replica finds them there; memory only caches them.
"""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from wire.errors import QueueUnavailable
from wire.messages import Message, Undecodable
from wire.store import Store

PREFIX = "sessions/"
LASTS = 12 * 3600.0  # seconds: a working day; then one signs in again
FRESH = 5.0  # seconds that a replica goes by what it read: as with keys
MOST = 1000  # sessions that a replica remembers; others are read again
SECRET_BYTES = 32
LENGTH = 43  # characters of such a secret in base64url


class Session(Message):
    """One browser's. `key` is the hash of the key that opened it; times in seconds since the epoch."""

    client: str
    key: str
    begun: float
    ends: float


class Sessions:
    """Begins, finds and ends sessions.

    Args:
        store: where they are kept.
        now: seconds since the epoch.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._now = now
        self._clock = clock
        self._read: OrderedDict[str, tuple[float, Session | None]] = OrderedDict()

    async def begin(self, client: str, key: str) -> tuple[str, Session]:
        """A new session, and the secret by which its browser is known. `key` is the hash of its key.

        Raises:
            QueueUnavailable: the store cannot be reached.
        """
        secret, now = secrets.token_urlsafe(SECRET_BYTES), self._now()
        session = Session(client=client, key=key, begun=now, ends=now + LASTS)
        place = _place(secret)
        await self._store.put(place, session.encode().encode())
        self._remember(place, session)
        return secret, session

    async def find(self, secret: str) -> Session | None:
        """The session of whoever shows this; None when there is none, or none any more.

        While the store is away, sessions that it was last seen to hold go on until their end.

        Raises:
            QueueUnavailable: the store cannot be reached, and this is none that is remembered.
        """
        if len(secret) != LENGTH or not secret.isascii():
            return None
        place = _place(secret)
        read_at, session = self._read.get(place, (float("-inf"), None))
        if self._clock() - read_at > FRESH:
            session = await self._again(place, session)
            self._remember(place, session)
        if session is None or session.ends <= self._now():
            return None
        return session

    async def _again(self, place: str, before: Session | None) -> Session | None:
        try:
            return _decoded(await self._store.get(place))
        except QueueUnavailable:
            if before is None:
                raise
            return before

    def knows(self, secret: str) -> bool:
        """Whether it was a session when it was last looked for."""
        return self._read.get(_place(secret), (0.0, None))[1] is not None

    async def end(self, secret: str) -> None:
        """Nobody is let in by this any more: here at once, at other replicas within seconds."""
        place = _place(secret)
        self._remember(place, None)
        await self._store.delete(place)

    def _remember(self, place: str, session: Session | None) -> None:
        self._read[place] = (self._clock(), session)
        self._read.move_to_end(place)
        if len(self._read) > MOST:
            self._read.popitem(last=False)


def _place(secret: str) -> str:
    return f"{PREFIX}{hashlib.sha256(secret.encode()).hexdigest()}.json"


def _decoded(data: bytes | None) -> Session | None:
    try:
        return None if data is None else Session.decode(data)
    except Undecodable:
        return None
