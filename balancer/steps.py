"""The last step of a policy: from the workers it wants to what is launched and sent away, within bounds.

    F = min(W_max, max(W_min, wanted))      feasible workers
    F > N_w   launch F - N_w
    F < N_w   send N_w - F terminate messages, but none for a worker whose first minute is paid anyway

Above W_max the surplus goes at once, paid or not. A launching worker takes no message: it would only lapse,
and be made up for by another launch meanwhile. Those who work would take it: while somebody boots and
messages wait, nobody is sent away, or the rest would wait for a boot. Nor is anything launched in the place
of workers who may not have taken theirs: with those there would be more than W_max.
"""

from collections.abc import Mapping

from balancer.plan import Limits, Plan, Snapshot

LEAST = "W_min"
PAID = "paid minute"
BOOTING = "booting"


def feasible(wanted: int, limits: Limits) -> tuple[int, str | None]:
    """The number of workers within the bounds that is nearest to `wanted`, and the bound that moved it."""
    if wanted > limits.max_workers:
        return limits.max_workers, limits.max_bound
    if wanted < limits.min_workers:
        return limits.min_workers, LEAST
    return wanted, None


def toward(
    wanted: int, snapshot: Snapshot, limits: Limits, reason: str, numbers: Mapping[str, float]
) -> Plan:
    """Launch or send away what lies between the workers there are and those that are wanted."""
    desired, bound = feasible(wanted, limits)
    launch = min(max(0, desired - snapshot.workers), room(snapshot, limits))
    if launch and bound == LEAST:
        reason = "fewer workers than W_min"
    surplus = max(0, snapshot.workers - desired)
    leave = min(surplus, max(0, snapshot.workers - snapshot.fresh))
    needed = snapshot.launching > 0 and snapshot.queued > 0
    leave = max(0 if needed else leave, snapshot.workers - limits.max_workers)
    ready = max(0, snapshot.workers - snapshot.launching)
    if leave < surplus or ready < leave:
        bound = bound or (BOOTING if needed or ready < leave else PAID)
    return Plan(desired, reason, launch, min(leave, ready), numbers, bound)


def room(snapshot: Snapshot, limits: Limits) -> int:
    """How many may be launched so that there are never more than W_max, whoever stays."""
    return max(0, limits.max_workers - snapshot.workers - snapshot.unanswered - snapshot.ending)
