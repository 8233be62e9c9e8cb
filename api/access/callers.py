"""Who asks."""

from dataclasses import dataclass

from wire.keyring import SCOPES, Scope

EVERYTHING: frozenset[Scope] = frozenset(SCOPES)


@dataclass(frozen=True, slots=True)
class Limit:
    """How often: `rate` a second in the long run (0 for no limit), `burst` at once after a quiet time."""

    rate: float
    burst: float

    def shared(self, replicas: int) -> "Limit":
        """One replica's part when so many share it; a single request is always possible."""
        return Limit(self.rate / replicas, max(1.0, self.burst / replicas))


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent a request, once it is known what he may.

    Args:
        name: the client's, empty for somebody without a key.
        scopes: what he may do.
        group: his messages' group, by which fair queues tell the loud from the quiet; no secret, no address.
        rate: requests a second that his keys may, where that differs from the settings.
        burst: the same for requests at once.
    """

    name: str
    scopes: frozenset[Scope]
    group: str
    rate: float | None = None
    burst: float | None = None

    def limit(self, usual: Limit) -> Limit:
        """His own limit where he has one."""
        rate = usual.rate if self.rate is None else self.rate
        return Limit(rate, usual.burst if self.burst is None else self.burst)
