"""Keys for tests: made, written where replicas read them, revoked."""

import time
from typing import Any

from wire import keys
from wire.keyring import KEY, Key, Keyring, added, revoked


class Keychain:
    """The document of one deployment's store, as `classifycloud keys` would write it."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self._ring = Keyring()

    async def add(
        self,
        name: str,
        *scopes: str,
        rate: float | None = None,
        burst: int | None = None,
        lasts: float | None = None,
    ) -> str:
        """A new key; with every scope where none is named; `lasts` in seconds from now."""
        key, now = keys.make(), time.time()
        row = Key(
            hash=keys.hashed(key),
            hint=keys.hint(key),
            scopes=scopes or ("classify", "jobs", "operate"),
            created=now,
            expires=None if lasts is None else now + lasts,
        )
        self._ring = added(self._ring, name, row, rate, burst)
        await self._write()
        return key

    async def revoke(self, who: str) -> None:
        self._ring, _ = revoked(self._ring, who, time.time())
        await self._write()

    async def _write(self) -> None:
        await self._store.put(KEY, self._ring.encode().encode())
