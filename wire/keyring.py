"""`state/keys.json`: who may ask. Clients by name, each with at most two live keys, of which only hashes
are kept. Written by `classifycloud keys`, read by every replica of the front end.

The functions here are pure: document and time in, document out.
"""

import re
from typing import Literal, Self, get_args

from pydantic import Field

from wire import keys
from wire.messages import Message, Part

KEY = "state/keys.json"
LIVE_AT_ONCE = 2  # the one in use and its successor
REMEMBERED = 90 * 24 * 3600.0  # seconds for which a dead key is still listed
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

Scope = Literal["classify", "jobs", "operate"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
USUAL: tuple[Scope, ...] = ("classify", "jobs")


class Refused(Exception):
    """The change cannot be made; the text says why and what to do. It never holds a key."""


class Key(Part):
    """One key. Times in seconds since the epoch; `scopes` may hold words of a newer version."""

    hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    hint: str
    scopes: tuple[str, ...]
    created: float
    expires: float | None = None
    revoked: float | None = None

    def state(self, now: float) -> Literal["live", "expired", "revoked"]:
        """Whether it opens anything now."""
        if self.revoked is not None:
            return "revoked"
        return "live" if self.expires is None or now < self.expires else "expired"

    def dead_since(self, now: float) -> float | None:
        """When it ceased to open anything; None while it does."""
        if self.state(now) == "live":
            return None
        return min(time for time in (self.revoked, self.expires) if time is not None)


class Client(Part):
    """Who holds keys. `rate` (requests a second, 0 for no limit) and `burst` replace the settings'."""

    keys: tuple[Key, ...] = ()
    rate: float | None = Field(None, ge=0)
    burst: int | None = Field(None, gt=0)

    def live(self, now: float) -> tuple[Key, ...]:
        """Its keys that open something now, the oldest first."""
        return tuple(key for key in self.keys if key.state(now) == "live")


class Keyring(Message):
    """All clients."""

    clients: dict[str, Client] = Field(default_factory=dict)

    @classmethod
    def read(cls, data: bytes | None) -> Self:
        """What was kept; nothing kept is a ring without keys.

        Raises:
            Undecodable: the object cannot be read.
        """
        return cls() if data is None else cls.decode(data)


def added(ring: Keyring, name: str, key: Key, rate: float | None, burst: int | None) -> Keyring:
    """The ring with one more key for the client, made now; rate and burst replace the client's when given.

    Raises:
        Refused: the name cannot be one, or the client has two live keys already.
    """
    if NAME.fullmatch(name) is None:
        raise Refused(
            f"{name!r} cannot be a client's name: up to 40 lower-case letters, digits and hyphens."
        )
    client, now = ring.clients.get(name, Client()), key.created
    live = client.live(now)
    if len(live) >= LIVE_AT_ONCE:
        raise Refused(
            f"{name} has two live keys already: {', '.join(each.hint for each in live)}.\n"
            f"Revoke the one that is no longer used: classifycloud keys revoke {live[0].hint}"
        )
    held = {
        "keys": (*(each for each in client.keys if _remembered(each, now)), key),
        "rate": client.rate if rate is None else rate,
        "burst": client.burst if burst is None else burst,
    }
    return _with(ring, name, client.model_copy(update=held))


def revoked(ring: Keyring, who: str, now: float) -> tuple[Keyring, tuple[Key, ...]]:
    """The ring after a client's live keys, or the one key with this hint, ceased; and those keys.

    Args:
        who: a client's name, or a key's hint as `keys list` shows it.

    Raises:
        Refused: no live key is meant, or more than one has the hint.
    """
    meant = [
        (name, key)
        for name, client in ring.clients.items()
        for key in client.live(now)
        if who in (name, key.hint)
    ]
    if not meant:
        raise Refused("No live key is meant. `classifycloud keys list` shows names and hints.")
    if len(meant) > 1 and who.startswith(keys.PREFIX):
        raise Refused("Several keys have this hint: revoke their clients by name.")
    ended = tuple(key.model_copy(update={"revoked": now}) for _, key in meant)
    by_hash = {key.hash: key for key in ended}
    for name in {name for name, _ in meant}:
        client = ring.clients[name]
        replaced = tuple(by_hash.get(key.hash, key) for key in client.keys)
        ring = _with(ring, name, client.model_copy(update={"keys": replaced}))
    return ring, ended


def _remembered(key: Key, now: float) -> bool:
    since = key.dead_since(now)
    return since is None or now - since < REMEMBERED


def _with(ring: Keyring, name: str, client: Client) -> Keyring:
    return ring.model_copy(update={"clients": {**ring.clients, name: client}})
