"""The ledger as it is kept: `state/ledger.json`, from which the next balancer knows who works where.

Monotonic times mean nothing to another process: every time is kept as an age in seconds, and the
store's own clock says how long ago that was. Only `launched_at` and `sent_at` are times, by the clocks of
what the fleet and the queue run on.
"""

from pydantic import ValidationError

from balancer.ledger import Ledger, Row
from balancer.measures import Measures
from balancer.plan import Past
from balancer.tick import Tick
from wire.ledger import Holds as Holds
from wire.ledger import Saved as Saved
from wire.ledger import SavedPast as SavedPast
from wire.ledger import SavedRow as SavedRow
from wire.messages import Report
from wire.store import Kept


def save(ledger: Ledger, past: tuple[Past, ...], tick: Tick, holds: Holds, now: float) -> Saved:
    """What to keep after a tick."""
    return Saved.model_construct(
        version=1,
        epoch=tick.epoch,
        tick=tick.number,
        rows=tuple(_saved(row, now) for row in ledger.rows.values() if not row.promised),
        past=tuple(
            SavedPast(
                round(now - each.at, 3),
                each.queued,
                each.in_flight,
                each.workers,
                each.busy,
                each.arrived,
                each.desired,
                each.launching,
            )
            for each in past
        ),
        boots=tuple(round(boot, 3) for boot in ledger.measures.boots),
        service_seconds=ledger.measures.service_seconds,
        price=ledger.price,
        failed_boots=ledger.failed_boots,
        failed=now - ledger.failed_at,
        holds=holds,
    )


def read(kept: Kept) -> Saved | None:
    """What was kept, None when it cannot be read: another version's, or damaged."""
    try:
        return Saved.model_validate_json(kept.data)
    except ValidationError:
        return None


def restore(saved: Saved, age: float, ledger: Ledger, now: float) -> tuple[Past, ...]:
    """Fill a ledger that knows less; what it has heard later itself stays.

    Args:
        saved: what was kept.
        age: seconds since it was written.
        ledger: changed in place.
        now: seconds on the balancer's clock.

    Returns:
        The earlier ticks, on that clock.
    """
    then = now - age
    for row in (_row(each, then) for each in saved.rows):
        known = ledger.rows.get(row.id)
        if known is None or known.sent_at < row.sent_at:
            ledger.rows[row.id] = row
    if not ledger.measures.boots:
        ledger.measures = Measures(saved.boots, saved.service_seconds)
    ledger.price = saved.price if ledger.price is None else ledger.price
    if saved.failed_boots > ledger.failed_boots:
        ledger.failed_boots, ledger.failed_at = saved.failed_boots, then - saved.failed
    # The store's clock tells whole seconds. A tick that is younger than ticks are would show a rate of
    # arrivals that never was.
    spaced = now - max(age, 0.0 if saved.holds is None else saved.holds.every)
    return tuple(Past(spaced - each.age, *each[1:]) for each in saved.past)


def _saved(row: Row, now: float) -> SavedRow:
    # An order to end dies with the balancer that gave it: the worker may be well by now.
    return SavedRow(
        row.id,
        row.launched_at,
        round(now - row.seen_at, 3),
        _age(row.ready_at, now),
        _age(row.heard_at, now),
        _age(row.draining_at, now),
        row.sent_at,
        None if row.last is None else row.last.state,
        0 if row.last is None else row.last.served,
        row.service_seconds,
        row.throughput,
        row.hourly,
    )


def _row(saved: SavedRow, then: float) -> Row:
    last = None
    if saved.state is not None:
        last = Report.model_validate(
            {"sender": saved.id, "kind": "worker", "state": saved.state, "served": saved.served}
        )
    return Row(
        saved.id,
        saved.launched_at,
        seen_at=then - saved.seen,
        ready_at=_at(saved.ready, then),
        heard_at=_at(saved.heard, then),
        draining_at=_at(saved.leaving, then),
        last=last,
        sent_at=saved.sent_at,
        service_seconds=saved.service_seconds,
        throughput=saved.throughput,
        hourly=saved.hourly,
    )


def _age(at: float | None, now: float) -> float | None:
    return None if at is None else round(now - at, 3)


def _at(age: float | None, then: float) -> float | None:
    return None if age is None else then - age
