"""Writes a tick down."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime

from balancer.plan import Limits, Snapshot
from balancer.tick import Tick
from wire.tick_record import Cost as Cost
from wire.tick_record import Ended as Ended
from wire.tick_record import Opinion
from wire.tick_record import Seen as Seen
from wire.tick_record import TickRecord as TickRecord


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
        served=tick.served,
        codes=dict(tick.answered.codes),
        seconds=dict(tick.answered.seconds),
    )


def _seen(saw: Snapshot, now: float) -> Seen:
    empty_for = None if saw.empty_since is None else now - saw.empty_since
    kept = {each.name for each in fields(saw)} & Seen.model_fields.keys()
    return Seen(empty_for=empty_for, **{name: getattr(saw, name) for name in kept})


def _limits(limits: Limits) -> dict[str, int | float | str]:
    return asdict(limits)
