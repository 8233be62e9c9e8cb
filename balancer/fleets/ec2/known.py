"""What is known of the instances: what Describe shows, and what EC2 acknowledged but does not show yet.

EC2 is eventually consistent: an id that RunInstances returned may be missing from Describe, a state or
a tag may be an old one; the documentation advises to allow for a few seconds, and up to five minutes
(docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from balancer.fleets.ec2.instances import ALIVE, ENDED, Instance

UNSEEN = 300.0  # seconds for which a launched instance counts though Describe does not show it
STALE = 30.0  # seconds for which a state or a tag that was changed may show as it was before
# Terminated instances are shown for an hour or less; the memory outlives that.
FORGOTTEN = 2 * 3600.0


@dataclass(frozen=True, slots=True)
class _Own:
    """What an acknowledged call says of an instance, as long as Describe may not show it.

    `outdated` states are from before the call, for as long as `stale_until`.
    """

    instance: Instance
    until: float
    outdated: frozenset[str] = frozenset()
    stale_until: float = 0.0
    before: "_Own | None" = None


class Known:
    """The instances of one deployment. Times are seconds on the clock of whoever asks."""

    def __init__(self) -> None:
        self._shown: dict[str, Instance] = {}
        self._own: dict[str, _Own] = {}
        self._gone: dict[str, float] = {}
        self._tokens: Counter[str] = Counter()

    def see(self, shown: Iterable[Instance], now: float) -> None:
        """Take in a complete answer of Describe, ended instances included."""
        self._shown = {instance.id: instance for instance in shown}
        self._tokens = Counter(instance.token for instance in self._shown.values())
        self._gone = {
            ident: at
            for ident, at in self._gone.items()
            if ident in self._shown or now - at < FORGOTTEN
        }
        for instance in self._shown.values():
            if instance.state in ENDED:
                self._gone.setdefault(instance.id, now)
        for ident, own in list(self._own.items()):
            if now >= own.until:
                del self._own[ident]
            elif ident in self._shown and _is_news(self._shown[ident], own, now):
                # Kept all the same: the next page may come from a server that lags behind.
                self._own[ident] = replace(own, instance=self._shown[ident])

    def ran(self, instances: Iterable[Instance], now: float) -> None:
        """RunInstances returned these."""
        for instance in instances:
            if instance.state in ENDED:
                self._gone[instance.id] = now
            else:
                self._own[instance.id] = _Own(instance, now + UNSEEN)

    def changed(self, instance: Instance, outdated: frozenset[str], now: float) -> None:
        """A call changed this one; Describe may go on to show one of the outdated states."""
        before = self._own.get(instance.id)
        stale = now + STALE
        until = max(stale, before.until if before is not None else 0.0)
        self._own[instance.id] = _Own(instance, until, outdated, stale, before)

    def unchanged(self, ident: str) -> None:
        """What was taken for changed is not."""
        own = self._own.pop(ident, None)
        if own is not None and own.before is not None:
            self._own[ident] = own.before

    def ended(self, ident: str, now: float) -> None:
        """TerminateInstances accepted it; that is never undone."""
        self._gone[ident] = now

    def all(self) -> list[Instance]:
        """Every instance that is not ended, as far as anybody can know."""
        merged = {**self._shown, **{ident: own.instance for ident, own in self._own.items()}}
        return [each for each in merged.values() if each.id not in self._gone]

    def get(self, ident: str) -> Instance | None:
        """One that is not ended; None when there is none."""
        if ident in self._gone:
            return None
        own = self._own.get(ident)
        return own.instance if own is not None else self._shown.get(ident)

    def carrying(self, token: str) -> int:
        """How many instances Describe shows that a call with this token launched, ended ones too."""
        return self._tokens[token]


def _is_news(shown: Instance, own: _Own, now: float) -> bool:
    if now >= own.stale_until:
        return True
    if shown.state in own.outdated:
        return False
    return shown.active == own.instance.active or shown.state not in ALIVE
