"""As many workers as let a picture wait no longer than the target.

    N = N_q + N_f                                      messages visible and in flight
    B = max(0, N + λ b - (ready b + launching b/2) / s)   backlog when a worker launched now is ready
    workers = ceil(max(B s / T, λ s, N s / (deadline - age - b - s)))

s: seconds of one worker for one picture, b: boot time, both measured; T: target wait; λ: arrivals a
second over the last minute; age: of the oldest message. The first term clears the backlog in the target
wait (the last of N messages waits N s / workers), the second keeps up with what comes, the
third is what the deadline of the oldest asks for. Workers on their way have on average half
their boot behind them and count for the other half.

Fewer workers only when fewer were enough on all ticks of the scale-in delay, by a measure that is
slower to let go than to take:

    kept = max over the delay of max(N s / T, λ s + 0.5 √(λ s))

The root is the spread of a Poisson load (square-root staffing: Halfin, Whitt, Operations Research
29(3), 1981): without it a load that does not change makes the number of workers flutter.
Figures behind the constants: docs/decisions/0007-scaling-policies.md.
"""

from dataclasses import dataclass
from math import ceil, sqrt

from balancer.plan import Limits, Plan, Snapshot
from balancer.rates import Rates
from balancer.steps import toward

RATE = 60.0  # seconds
SAFETY = 0.5


@dataclass(frozen=True, slots=True)
class Need:
    """Workers needed, workers that should stay if they are there, why, and the figures."""

    workers: float
    kept: float
    reason: str
    numbers: dict[str, float]


def plan(snapshot: Snapshot, limits: Limits, now: float) -> Plan:
    """Decide one tick; `numbers` carries the formula's figures by the names above, λ as `rate`."""
    return settle(need(snapshot, limits, Rates(snapshot, limits.tick, now), now), snapshot, limits)


def need(snapshot: Snapshot, limits: Limits, rates: Rates, now: float) -> Need:
    """The three terms, and what of them is kept."""
    s = snapshot.service_seconds or limits.service_seconds
    b = boot_seconds(snapshot, limits)
    n = snapshot.queued + snapshot.in_flight
    rate = rates.mean(RATE)
    # Workers who may still take a terminate message are off `workers`, but not off `launching`.
    ready = max(0, snapshot.workers - snapshot.launching)
    backlog = max(0.0, n + rate * b - (ready * b + snapshot.launching * b / 2) / s)
    left = limits.deadline - (snapshot.oldest_wait or 0.0) - b - s
    terms = {
        "the backlog, within the target wait": backlog * s / limits.target_wait,
        "keeping up with arrivals": rate * s,
        # Nothing is done sooner than at the next tick, nor by more workers than there are messages.
        "the deadline of the oldest": n * s / max(left, limits.tick, s),
    }
    reason = max(terms, key=lambda name: terms[name])
    numbers = {"N": n, "s": s, "T": limits.target_wait, "rate": rate, "b": b, "B": backlog}
    numbers |= {"ready": ready, "launching": snapshot.launching, "left": left}
    return Need(terms[reason], _kept(snapshot, limits, rates, now, s), reason, numbers)


def settle(needed: Need, snapshot: Snapshot, limits: Limits) -> Plan:
    """Up to what is needed at once, down to what is kept."""
    wanted, stays = whole(needed.workers), whole(max(needed.workers, needed.kept))
    numbers = needed.numbers | {"needed": needed.workers, "kept": needed.kept}
    if wanted < snapshot.workers and wanted < stays:
        reason = f"fewer only when {limits.scale_in_delay:g} s have shown that they are enough"
        if stays < snapshot.workers:
            reason = f"no more than the last {limits.scale_in_delay:g} s asked for"
        return toward(min(snapshot.workers, stays), snapshot, limits, reason, numbers)
    return toward(wanted, snapshot, limits, needed.reason, numbers)


def boot_seconds(snapshot: Snapshot, limits: Limits) -> float:
    """Measured, or what the operator expects."""
    measured = snapshot.boot_seconds
    return limits.boot_seconds if measured is None else measured


def whole(workers: float) -> int:
    """Rounded up, but not for the error of a binary fraction."""
    return ceil(round(workers, 9))


def padded(workers: float) -> float:
    """With the spread of a Poisson load above its mean."""
    return workers + SAFETY * sqrt(workers)


def _kept(snapshot: Snapshot, limits: Limits, rates: Rates, now: float, s: float) -> float:
    most = (snapshot.queued + snapshot.in_flight) * s / limits.target_wait
    most = max(most, padded(rates.mean(RATE) * s))
    for ago, past in enumerate(reversed(snapshot.past), 1):
        if past.at <= now - limits.scale_in_delay:
            break
        most = max(most, (past.queued + past.in_flight) * s / limits.target_wait)
        most = max(most, padded(rates.mean(RATE, ago) * s))
    return most
