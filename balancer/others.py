"""What each other policy would have done in a tick, from where the acting one had led the fleet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from balancer import policies
from balancer.plan import Limits, Policy, Snapshot
from wire import log

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Opinion:
    """One policy's plan in short; `fault` says why it has none."""

    desired: int = 0
    launch: int = 0
    terminate: int = 0
    reason: str = ""
    fault: str | None = None


class Others:
    """Asks policies that are not carried out. One that breaks is told once, and harms nobody."""

    def __init__(self, asked: Mapping[str, Policy]) -> None:
        self._asked = asked
        self._broken: set[str] = set()

    @classmethod
    def but(cls, chosen: str) -> "Others":
        """All that there are, without the one that is carried out."""
        return cls({name: policies.find(name) for name in _but(policies.names(), chosen)})

    def opinions(self, saw: Snapshot, limits: Limits, now: float) -> dict[str, Opinion]:
        """By policy."""
        return {name: self._ask(name, saw, limits, now) for name in self._asked}

    def _ask(self, name: str, saw: Snapshot, limits: Limits, now: float) -> Opinion:
        try:
            plan = self._asked[name](saw, limits, now)
        except Exception as error:
            if name not in self._broken:
                self._broken.add(name)
                _log.exception("policy broke while it was asked beside", policy=name)
            return Opinion(fault=repr(error))
        return Opinion(plan.desired, plan.launch, plan.terminate, plan.reason)


def _but(names: Iterable[str], chosen: str) -> list[str]:
    return [name for name in names if name != chosen]
