"""The wait-time policy, and capacity for what the last half-hour says may come while a worker boots.

    A = P90 of the arrivals in windows of one boot time b, over the last 40 boot times
    workers = max(wait_time, ceil(A s / (b + T)))

What comes within a boot time can be met only by workers that are there: they have the boot time and the
target wait for it. A service that bursts again and again keeps workers for its bursts; the shorter
the boot, the fewer. P90 is exceeded once in ten boot times; 40 of them (5 min at least, 30 at most, which
is what the balancer remembers) let a decile be read. Of these workers 0.5 √ more are kept than launched, as
in `wait_time`.

A is never more than the median of the peaks in the last three quarters of that time: what came in one
of them alone was a crowd and is no pattern. Figures behind it all: docs/decisions/0007-scaling-policies.md.
"""

from collections.abc import Sequence
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
    horizon = min(MOST, max(LEAST, BOOTS * b))
    quarter = max(1, round(horizon / 4 / limits.tick))
    arrivals = expected_arrivals(rates.windows(b, horizon), quarter)
    expected = arrivals * s / (b + limits.target_wait)
    numbers = needed.numbers | {"A": arrivals, "expected": expected}
    if expected > needed.workers:
        needed = replace(needed, workers=expected, reason="what may come while a worker boots")
    kept = max(needed.kept, wait_time.padded(expected))
    return wait_time.settle(replace(needed, kept=kept, numbers=numbers), snapshot, limits)


def expected_arrivals(windows: Sequence[float], quarter: int) -> float:
    """P90 of the windows, or less if they peaked in one quarter alone; `quarter` is a number of windows."""
    if not windows:
        return 0.0
    decile = sorted(windows)[min(len(windows) - 1, int(SHARE * len(windows)))]
    end = len(windows)
    full = min(3, end // quarter)
    parts = [windows[end - (back + 1) * quarter : end - back * quarter] for back in range(full)]
    peaks = sorted(map(max, parts or [windows]))
    return min(decile, peaks[len(peaks) // 2])
