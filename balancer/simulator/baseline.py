"""What every policy is compared with: the greatest number of workers, always."""

from balancer.plan import Limits, Plan, Snapshot

NAME = "always-max"


def plan(snapshot: Snapshot, limits: Limits, now: float) -> Plan:  # noqa: ARG001
    """Replace whoever is gone."""
    missing = max(0, limits.max_workers - snapshot.workers)
    return Plan(limits.max_workers, "always W_max", launch=missing)
