"""Changes of `state/keys.json`, each written only over what it was made from."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from wire import change as change_of
from wire import keys
from wire.keyring import KEY, USUAL, Key, Keyring, Refused, added, revoked
from wire.store import Store

CONTESTED = "Others change the keys at the same time: nothing was changed. Try again."

Change = Callable[[Keyring], Keyring]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for; None and nothing leave the choice to what the client has."""

    name: str
    scopes: tuple[str, ...] = ()
    expires: timedelta | None = None
    rate: float | None = None
    burst: int | None = None


class Adding:
    """One new key, `key`, for as often as its change must be tried. Never shown but by who asked for it."""

    def __init__(self, wish: Wish, key: str, now: float) -> None:
        self.key = key
        self._wish = wish
        self._now = now

    def over(self, ring: Keyring) -> Keyring:
        """The ring with it; raises Refused."""
        wish = self._wish
        row = Key(
            hash=keys.hashed(self.key),
            hint=keys.hint(self.key),
            scopes=wish.scopes or _scopes(ring, wish.name, self._now),
            created=self._now,
            expires=self._now + wish.expires.total_seconds() if wish.expires else None,
        )
        return added(ring, wish.name, row, wish.rate, wish.burst)


def adding(wish: Wish) -> Adding:
    """A key made now."""
    return Adding(wish, keys.make(), time.time())


class Revoking:
    """The end of a client's keys or of one; `ended` are those that it ended."""

    def __init__(self, who: str) -> None:
        # Whoever pastes a whole key means that key; its hint is all that is needed of it.
        self._who = keys.hint(who) if who.startswith(keys.PREFIX) else who
        self.ended: tuple[Key, ...] = ()

    def over(self, ring: Keyring) -> Keyring:
        """The ring without them; raises Refused."""
        ring, self.ended = revoked(ring, self._who, time.time())
        return ring


async def kept(store: Store) -> Keyring:
    """The keys as they are.

    Raises:
        Undecodable: they cannot be read.
        QueueUnavailable: the store cannot be reached.
    """
    return Keyring.read(await store.get(KEY))


async def changed(store: Store, change: Change) -> Keyring:
    """The keys after a change, as `wire.change` makes it.

    Raises:
        Refused: the change cannot be made, or others are always faster.
        Undecodable, QueueUnavailable: as `kept`.
    """
    try:
        return await change_of.changed(store, KEY, Keyring.read, change)
    except change_of.Contested:
        raise Refused(CONTESTED) from None


def _scopes(ring: Keyring, name: str, now: float) -> tuple[str, ...]:
    client = ring.clients.get(name)
    live = client.live(now) if client else ()
    return live[-1].scopes if live else USUAL
