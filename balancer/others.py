"""What each other policy would have done in a tick, from where the acting one had led the fleet."""

from collections.abc import Mapping

from balancer import policies
from balancer.plan import Limits, Policy, Snapshot
from wire import log
from wire.tick_record import Opinion as Opinion

_log = log.get(__name__)


class Others:
    """Asks policies that are not carried out. One that breaks is told once, and harms nobody."""

    def __init__(self, asked: Mapping[str, Policy]) -> None:
        self._asked = asked
        self._broken: set[str] = set()

    @classmethod
    def but(cls, chosen: str, shadow: str | None = None) -> "Others":
        """All that there are and `shadow`, which may be a file, without the one that is carried out."""
        beside = dict.fromkeys([*policies.names(), *([shadow] if shadow else [])])
        return cls({name: policies.find(name) for name in beside if name != chosen})

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
