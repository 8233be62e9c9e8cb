"""What the operator allows beyond the settings, as it bears on the balancer's limits."""

from dataclasses import replace
from pathlib import Path

from balancer.plan import Limits
from wire.ruling import Ruling as Ruling

BOUND = "operator"


def over(ruling: Ruling, limits: Limits) -> Limits:
    """The limits with the operator's own on top; a least number above the greatest gives way."""
    least, most = ruling.bounds(limits.min_workers, limits.max_workers)
    bound = limits.max_bound if ruling.max_workers is None else BOUND
    return replace(limits, min_workers=min(least, most), max_workers=most, max_bound=bound)


def copied(file: Path) -> Ruling:
    """The ruling as the last balancer knew it that kept this file; none where it cannot be read."""
    try:
        return Ruling.read(file.read_bytes())
    except (OSError, ValueError):
        return Ruling()
