"""A tick as it is written down: a line of `ticks/…jsonl`, read by `classifycloud explain`."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from balancer.others import Opinion
from balancer.plan import Limits, Snapshot
from balancer.tick import Tick


class Seen(BaseModel):
    """What was seen: a snapshot's numbers, under the same names, without its past."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    queued: int
    in_flight: int
    workers: int
    idle: int = 0
    busy: int = 0
    launching: int = 0
    draining: int = 0
    unanswered: int = 0
    ending: int = 0
    fresh: int = 0
    empty_for: float | None = None
    arrived: float = 0.0
    oldest_wait: float | None = None
    service_seconds: float | None = None
    boot_seconds: float | None = None


class Ended(BaseModel):
    """A worker that was waited for long enough."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    worker: str
    reason: str


class Cost(BaseModel):
    """Dollars: an hour of all workers, a thousand pictures of late (None: too few), the hourly budget.

    `runs_on` counts the workers by type and market.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    hourly: float = 0.0
    per_thousand: float | None = None
    left: float | None = None
    runs_on: dict[str, int] = {}


class TickRecord(BaseModel):
    """One tick: inputs, formula, limits, deeds. `wanted_*` is what the policy asked for,
    `held_back` how many of its launches nobody tried.

    `at` is UTC by the balancer's clock. `limits` and `numbers` have the names that `balancer.plan` and
    the policy's own documentation give them. `others` says what each would have done from here,
    `shadow` which of them the operator watches.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    at: datetime
    tick: int
    epoch: int
    policy: str
    saw: Seen
    limits: dict[str, int | float | str]
    numbers: dict[str, float]
    reason: str
    bound: str | None = None
    desired: int
    wanted_launch: int = 0
    wanted_terminate: int = 0
    held_back: int = 0
    launched: int = 0
    terminated: int = 0
    ended: tuple[Ended, ...] = ()
    paused: bool = False
    cost: Cost = Cost()
    others: dict[str, Opinion] = {}
    shadow: str | None = None

    @property
    def quiet(self) -> bool:
        """Whether nothing was done."""
        return not (self.launched or self.terminated or self.ended)

    def line(self) -> bytes:
        """The record as its file keeps it."""
        return self.model_dump_json(exclude_defaults=True).encode() + b"\n"


def record(
    tick: Tick,
    at: datetime,
    policy: str,
    others: Mapping[str, Opinion],
    per_thousand: float | None,
    shadow: str | None = None,
) -> TickRecord:
    """Write a tick down."""
    wanted, done = tick.wanted, tick.done
    return TickRecord(
        at=at,
        tick=tick.number,
        epoch=tick.epoch,
        policy=policy,
        saw=_seen(tick.saw, tick.at),
        limits=_limits(tick.rules.limits),
        numbers={name: float(value) for name, value in done.numbers.items()},
        reason=done.reason,
        bound=done.bound,
        desired=done.desired,
        wanted_launch=wanted.launch,
        wanted_terminate=wanted.terminate,
        held_back=done.held_back,
        launched=done.launch,
        terminated=done.terminate,
        ended=tuple(Ended(worker=late.worker, reason=late.reason) for late in tick.ended),
        paused=tick.rules.paused,
        cost=Cost(
            hourly=tick.hourly,
            per_thousand=per_thousand,
            left=tick.rules.hourly,
            runs_on=dict(tick.runs_on),
        ),
        others=dict(others),
        shadow=shadow,
    )


def _seen(saw: Snapshot, now: float) -> Seen:
    empty_for = None if saw.empty_since is None else now - saw.empty_since
    kept = {each.name for each in fields(saw)} & Seen.model_fields.keys()
    return Seen(empty_for=empty_for, **{name: getattr(saw, name) for name in kept})


def _limits(limits: Limits) -> dict[str, int | float | str]:
    return asdict(limits)
