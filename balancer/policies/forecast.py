"""The wait-time policy, and capacity for what the last half-hour says may come while a worker boots.

    A = P90 of the arrivals in windows of one boot time b, over the last 40 boot times
    workers = max(wait_time, ceil(A s / (b + T)))

What comes within a boot time can be met only by workers that are there: they have the boot time and the
target wait for it. A service that bursts again and again keeps workers for its bursts; the shorter
the boot, the fewer. P90 is exceeded once in ten boot times; 40 of them (5 min at least, 30 at most, which
is what the balancer remembers) let a decile be read. Of these workers 0.5 √ more are kept than launched, as
in `wait_time`. Figures behind the constants: docs/decisions/0007-scaling-policies.md.
"""

from dataclasses import replace

from balancer.plan import Limits, Plan, Snapshot
from balancer.policies import wait_time
from balancer.rates import Rates

SHARE = 0.9
BOOTS = 40
LEAST, MOST = 300.0, 1800.0  # seconds


def plan(snapshot: Snapshot, limits: Limits, now: float) -> Plan:
    """Decide one tick; `numbers` carries those of `wait_time`, A and what it asks for."""
    rates = Rates(snapshot, limits.tick, now)
    needed = wait_time.need(snapshot, limits, rates, now)
    s, b = needed.numbers["s"], needed.numbers["b"]
    arrivals = rates.quantile(SHARE, b, min(MOST, max(LEAST, BOOTS * b)))
    expected = arrivals * s / (b + limits.target_wait)
    numbers = needed.numbers | {"A": arrivals, "expected": expected}
    if expected > needed.workers:
        needed = replace(needed, workers=expected, reason="what may come while a worker boots")
    kept = max(needed.kept, wait_time.padded(expected))
    return wait_time.settle(replace(needed, kept=kept, numbers=numbers), snapshot, limits)
