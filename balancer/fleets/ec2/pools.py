"""Where instances come from: a type in a zone in a market is a pool, and pools run dry.

A dry pool is not asked for a while, so that a shortage costs no calls; when every pool is dry, those
that were asked longest ago are asked again, so that the end of a shortage is seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from balancer.fleets.ec2.instances import ON_DEMAND, SPOT

DRY_FOR = 180.0  # seconds; a shortage of capacity lasts minutes rather than seconds


@dataclass(frozen=True, slots=True)
class Pool:
    """One type in one zone's subnet (None: the launch template's own) in one market.

    `price` is in dollars an hour, 0 where nobody knows it.
    """

    kind: str
    subnet: str | None
    market: str
    price: float = field(default=0.0, compare=False)


def markets(first: str) -> tuple[str, ...]:
    """The markets to try, in order; nobody who asks for on-demand wants to be interrupted."""
    return (SPOT, ON_DEMAND) if first == SPOT else (ON_DEMAND,)


def turned(pools: Sequence[Pool], by: int) -> list[Pool]:
    """The pools of each type and market, begun with another zone every time `by` goes up.

    What is in one zone only is interrupted or fails together.
    """
    groups: dict[tuple[str, str], list[Pool]] = {}
    for pool in pools:
        groups.setdefault((pool.market, pool.kind), []).append(pool)
    found: list[Pool] = []
    for group in groups.values():
        start = by % len(group)
        found += group[start:] + group[:start]
    return found


class Drought:
    """Which pools are dry. Times are seconds on the clock of whoever asks."""

    def __init__(self) -> None:
        self._dry: dict[Pool, float] = {}

    def dry(self, pools: Iterable[Pool], now: float) -> None:
        """These had nothing to give just now."""
        self._dry.update(dict.fromkeys(pools, now))

    def wet(self, pool: Pool) -> None:
        self._dry.pop(pool, None)

    def order(self, pools: Iterable[Pool], now: float) -> list[Pool]:
        """In the given order those that may have something; then the dry, longest unasked first."""
        asked = {pool: self._dry.get(pool, now - DRY_FOR) for pool in pools}
        fresh = [pool for pool, at in asked.items() if now - at >= DRY_FOR]
        dry = [pool for pool, at in asked.items() if now - at < DRY_FOR]
        return fresh + sorted(dry, key=lambda pool: asked[pool])
