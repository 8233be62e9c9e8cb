"""Cortex's autoscaler for asynchronous APIs, as documented; for comparison.

Every 10 s:
    raw  = mean requests in flight over 60 s / target_in_flight
    raw within 5 % of the current replicas is no change; otherwise ceil(raw)
    at least min(current - 1, ceil(0.75 * current)), at most max(current + 1, ceil(1.5 * current))
    down: to the highest of these recommendations in the last 5 min, and not in the first 5 min
    up:   to the lowest of these recommendations in the last minute, and not in the first minute
In flight are requests that wait or are worked on. https://docs.cortexlabs.com/workloads/async/autoscaling,
in code https://github.com/cortexlabs/cortex/blob/master/pkg/autoscaler/autoscaler.go

The target is QOS, as for the other queue-length policies (Cortex's default is what a replica works on at
once). In its favor: the idle go first, and nodes need no time of their own.
"""

from math import ceil

from balancer.plan import Limits, Plan, Snapshot
from balancer.steps import feasible, toward

TICK = 10.0
WINDOW = 60.0
DOWN_PERIOD = 300.0
UP_PERIOD = 60.0
TOLERANCE = 0.05
DOWN_FACTOR = 0.75
UP_FACTOR = 1.5


def plan(snapshot: Snapshot, limits: Limits, now: float) -> Plan:
    """Decide one tick; `numbers` carries the mean in flight, the recommendation, floor and ceiling."""
    past = snapshot.past
    current = past[-1].desired if past else snapshot.workers
    if past and int(now // TICK) == int(past[-1].at // TICK):
        return toward(current, snapshot, limits, "between two ticks of Cortex", {})
    made, mean = _recommendations(snapshot, limits, now, current)
    asked = made[-1][1]
    floor = max(count for _, count in made)
    ceiling = min(count for at, count in made if at > now - UP_PERIOD)
    numbers = {"in flight": mean, "target": limits.qos, "recommendation": asked}
    numbers |= {"floor": floor, "ceiling": ceiling}
    if current == 0 and snapshot.queued:
        return toward(1, snapshot, limits, "awoken", numbers)
    running = now - past[0].at if past else 0.0
    if asked < current and running >= DOWN_PERIOD and floor < current:
        return toward(floor, snapshot, limits, "down to the highest of 5 min", numbers)
    if asked > current and running >= UP_PERIOD and ceiling > current:
        return toward(ceiling, snapshot, limits, "up to the lowest of 1 min", numbers)
    return toward(current, snapshot, limits, "as recommended, or stabilizing", numbers)


def recommendation(mean: float, current: int, limits: Limits) -> int:
    """What one tick makes of the mean alone, within factors and bounds."""
    raw = mean / limits.qos
    count = ceil(raw)
    if current * (1 - TOLERANCE) < raw < current * (1 + TOLERANCE):
        count = current
    count = max(count, min(current - 1, ceil(current * DOWN_FACTOR)))
    count = min(count, max(current + 1, ceil(current * UP_FACTOR)))
    return feasible(count, limits)[0]


def _recommendations(
    snapshot: Snapshot, limits: Limits, now: float, current: int
) -> tuple[list[tuple[float, int]], float]:
    """Those of the last 5 min with their times, made again from what was seen then; the last mean."""
    seen = [
        (past.at, past.queued + past.in_flight, past.desired, past.workers)
        for past in snapshot.past
        if past.at > now - DOWN_PERIOD - WINDOW
    ]
    seen.append((now, snapshot.queued + snapshot.in_flight, current, snapshot.workers))
    found: list[tuple[float, int]] = []
    start, total, mean = 0, 0, 0.0
    for index, (at, messages, _, workers) in enumerate(seen):
        total += messages
        while seen[start][0] <= at - WINDOW:
            total -= seen[start][1]
            start += 1
        if index and int(at // TICK) == int(seen[index - 1][0] // TICK):
            continue
        mean = total / (index - start + 1)
        if at > now - DOWN_PERIOD:
            before = seen[index - 1][2] if index else workers
            found.append((at, recommendation(mean, before, limits)))
    return found, mean
