"""The keys that open something, ready to be asked for one."""

from hmac import compare_digest

from api.access.callers import Caller
from wire import keys
from wire.keyring import SCOPES, Client, Key, Keyring

_INDEXED = 16  # hexadecimal digits: 64 bits
_NOBODY = "0" * 64  # no text is known to have this hash


class Known:
    """A keyring as it was read.

    What is looked up is the SHA-256 of what was sent. Its first 64 bits find the entry, the rest is
    compared in constant time, with nobody's hash when there is no entry. Time could only tell how much of
    a hash agrees; to use that, somebody would have to choose texts by their hashes, and whoever could
    do so would still know nothing of the key, which no hash gives back.
    """

    def __init__(self, ring: Keyring) -> None:
        self._index: dict[str, list[tuple[Key, Caller]]] = {}
        for name, client in ring.clients.items():
            for key in client.keys:
                row = (key, _caller(name, client, key))
                self._index.setdefault(key.hash[:_INDEXED], []).append(row)

    def find(self, key: str, now: float) -> Caller | None:
        """Who holds this key; None when nobody does, or its time is over.

        Args:
            key: as it was sent.
            now: seconds since the epoch.
        """
        if not keys.well_formed(key):
            return None
        return self.held(keys.hashed(key), now)

    def held(self, presented: str, now: float) -> Caller | None:
        """Who holds the key with this hash; None as in `find`."""
        found: Caller | None = None
        for kept, caller in self._index.get(presented[:_INDEXED], ()):
            if compare_digest(presented, kept.hash) and kept.state(now) == "live":
                found = caller
        if found is None:
            compare_digest(presented, _NOBODY)
        return found


def _caller(name: str, client: Client, key: Key) -> Caller:
    scopes = frozenset(scope for scope in SCOPES if scope in key.scopes)
    return Caller(name, scopes, f"client-{name}", client.rate, client.burst)
