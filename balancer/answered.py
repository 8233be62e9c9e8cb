"""How requests fare, as replicas of the front end tell it; and whether somebody looks."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from balancer.inbox import Heard

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Answered:
    """Requests answered between two ticks: by code, and those answered well by how long they took
    (`wire.latency`)."""

    codes: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Known:
    """What a replica said last. Reports may overtake each other, and counts only grow: the highest holds."""

    codes: dict[str, int]
    seconds: dict[int, int]
    sent_at: float
    watched: bool = False
    heard_at: float = 0.0
    keys_age: float | None = None


class Answers:
    """Adds up what replicas say of themselves since their start.

    Args:
        recent: seconds for which a replica's word that somebody looks holds.
    """

    def __init__(self, recent: float) -> None:
        self._recent = recent
        self._known: dict[str, _Known] = {}
        self._codes: Counter[str] = Counter()
        self._seconds: Counter[int] = Counter()

    def hear(self, heard: Heard) -> None:
        """Enter a replica's report."""
        report = heard.report
        if report.codes is None:
            return
        seconds = report.seconds or {}
        known = self._known.get(report.sender)
        if known is None:
            # What was answered before it was first heard was counted elsewhere, or is long past.
            fresh = report.state == "started"
            codes = {} if fresh else dict(report.codes)
            known = _Known(codes, {} if fresh else dict(seconds), heard.sent_at)
            self._known[report.sender] = known
        _grow(self._codes, known.codes, report.codes)
        _grow(self._seconds, known.seconds, seconds)
        if heard.sent_at >= known.sent_at:
            known.sent_at, known.heard_at, known.watched = heard.sent_at, heard.at, report.watched
            known.keys_age = report.keys_age
        if report.state == "stopped":
            known.watched, known.keys_age = False, None

    def take(self) -> Answered:
        """Since this was last asked."""
        found = Answered(dict(self._codes), dict(self._seconds))
        self._codes, self._seconds = Counter(), Counter()
        return found

    def watched(self, now: float) -> bool:
        """Whether somebody has an operator's page open."""
        return any(
            each.watched and now - each.heard_at <= self._recent for each in self._known.values()
        )

    def keys_age(self, now: float) -> float | None:
        """Seconds since the replica that is worst off read the API keys, as it said lately."""
        told = (each for each in self._known.values() if now - each.heard_at <= self._recent)
        return max((each.keys_age for each in told if each.keys_age is not None), default=None)

    def forget(self, replica: str) -> None:
        """It is gone."""
        self._known.pop(replica, None)

    def begin(self) -> None:
        """Somebody else listened meanwhile: what was answered until the next reports is told there."""
        self._known.clear()


def _grow(sums: Counter[K], known: dict[K, int], told: Mapping[K, int]) -> None:
    for name, count in told.items():
        more = count - known.get(name, 0)
        if more > 0:
            sums[name] += more
            known[name] = count
