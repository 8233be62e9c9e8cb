"""Tells of every tick: in the log, in figures, in the journal and in the kept ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from balancer.dead_letters import DeadLetters
from balancer.journal import Journal
from balancer.keeping import Keeper
from balancer.ledger import Ledger
from balancer.metrics import Beside, Metrics, figures
from balancer.observe import Observer
from balancer.others import Others
from balancer.plan import Limits
from balancer.saved import Holds, save
from balancer.spending import Spending
from balancer.tick import Tick
from balancer.tick_record import TickRecord, record
from wire import log

_log = log.get(__name__)

CRITERION = "criterion"


@dataclass(frozen=True, slots=True)
class Policies:
    """By name the one that is carried out and the one that is watched beside it; and all that are asked."""

    chosen: str
    shadow: str | None
    others: Others


class Scribe:
    """Satisfies the loop's `tell`; nothing here waits.

    Args:
        policies: whose plans are told of.
        limits: what the settings say.
        told: is called when something may have to be written.
    """

    def __init__(
        self,
        policies: Policies,
        limits: Limits,
        sinks: Sequence[Metrics],
        journal: Journal,
        keeper: Keeper,
        ledger: Ledger,
        observer: Observer,
        dead: DeadLetters,
        told: Callable[[], None],
    ) -> None:
        self._policies = policies
        self._limits = limits
        self._sinks = sinks
        self._journal = journal
        self._keeper = keeper
        self._ledger = ledger
        self._observer = observer
        self._dead = dead
        self._told = told
        self._spending = Spending()

    def begin(self, now: float) -> None:
        """A term begins: what the workers cost before is somebody else's to tell."""
        self._spending.begin(now)

    def tell(self, tick: Tick) -> None:
        """Of one tick."""
        asked = self._policies
        opinions = asked.others.opinions(tick.saw, tick.rules.limits, tick.at)
        per_thousand = self._spending.add(tick.at, tick.hourly, tick.served)
        found = record(tick, datetime.now(UTC), asked.chosen, opinions, per_thousand, asked.shadow)
        _say(found)
        beside = Beside(per_thousand, _criterion(found), self._dead.count)
        for sink in self._sinks:
            sink.record(figures(tick, beside))
        self._journal.note(found, tick.watched)
        self._keep(tick)
        self._told()

    def _keep(self, tick: Tick) -> None:
        mark = (self._ledger.changes, tick.rules.limits, tick.rules.paused)
        if tick.watched or self._keeper.wants(mark):
            past = self._observer.history.past()
            self._keeper.give(save(self._ledger, past, tick, self._holds(tick), tick.at), mark)

    def _holds(self, tick: Tick) -> Holds:
        limits = tick.rules.limits
        return Holds(
            policy=self._policies.chosen,
            set_min=self._limits.min_workers,
            set_max=self._limits.max_workers,
            min_workers=limits.min_workers,
            max_workers=limits.max_workers,
            bound=limits.max_bound,
            every=limits.tick,
            paused=tick.rules.paused,
            workers=tick.saw.workers,
            hourly=tick.hourly,
            target_wait=limits.target_wait,
            boot_seconds=limits.boot_seconds,
            service_seconds=limits.service_seconds,
        )


def _criterion(found: TickRecord) -> int | None:
    """How many workers the criterion would have, whichever policy is carried out."""
    if found.policy == CRITERION:
        return found.desired
    opinion = found.others.get(CRITERION)
    return None if opinion is None or opinion.fault else opinion.desired


def _say(found: TickRecord) -> None:
    saw, shadow = found.saw, found.others.get(found.shadow or "")
    beside = {} if shadow is None else {"shadow": found.shadow, "shadow_desired": shadow.desired}
    _log.info(
        "tick",
        **{
            **found.numbers,
            "tick": found.tick,
            "epoch": found.epoch,
            "queued": saw.queued,
            "in_flight": saw.in_flight,
            "workers": saw.workers,
            "launching": saw.launching,
            "busy": saw.busy,
            "idle": saw.idle,
            "draining": saw.draining,
            "desired": found.desired,
            "launch": found.launched,
            "terminate": found.terminated,
            "why": found.reason,
            **beside,
        },
    )
