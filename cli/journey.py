"""One picture's way as far as it can be told: events out of whatever was kept of it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a job.

    `at` is in seconds since the epoch by the clock of `where`, `took` in seconds where it lasted; `depth`
    says of how many others it is a part; `source` is what told of it: span, log, record or store. Times that
    were reckoned back from a record are `rough`.
    """

    at: float
    what: str
    where: str
    source: str
    took: float | None = None
    depth: int = 0
    detail: dict[str, Any] = field(default_factory=dict)
    rough: bool = False


@dataclass(slots=True)
class Journey:
    """What is known of a job. `guess` is its state and outcome where nothing better is; `unseen` says where
    nothing was found, or could not be looked, and why."""

    job: str
    state: str = "unknown"
    outcome: str = ""
    model: str = ""
    url: str = ""
    traces: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    guess: tuple[str, str] | None = None
    seen: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether anything is."""
        return bool(self.seen)

    def begins(self) -> float | None:
        """The first time that is known of it."""
        return min((each.at for each in self.events), default=None)

    def found(self, what: str, events: Iterable[Event] = ()) -> None:
        """A source had something."""
        self.seen.append(what)
        self.events += events

    def missed(self, what: str) -> None:
        """A source had nothing."""
        self.unseen.append(what)

    def settles(self, state: str, outcome: str = "") -> None:
        """A source knows how it stands; the first that does counts."""
        if self.state == "unknown":
            self.state, self.outcome = state, outcome

    def supposes(self, state: str, outcome: str = "") -> None:
        """A source knows how it stood when it was written."""
        self.guess = self.guess or (state, outcome)

    def conclude(self) -> None:
        """All sources have been asked: what was supposed counts where none knew."""
        if self.guess is not None:
            self.settles(*self.guess)


def in_order(events: Iterable[Event]) -> list[Event]:
    """By time; what began together, the whole before its parts."""
    return sorted(events, key=lambda each: (each.at, each.depth))


def measured(journey: Journey) -> list[Event]:
    """Events in order, without what was only reckoned where it was measured as well."""
    measures = any(each.source == "span" for each in journey.events)
    return in_order(each for each in journey.events if not (measures and each.rough))
