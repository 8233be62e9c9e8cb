"""How a deployment stands, for whoever asks from outside: lease, limits and ledger as they are kept."""

import asyncio
from dataclasses import dataclass

from pydantic import ValidationError

from balancer import keeping, leader, operator, saved
from balancer.leader import Lease
from balancer.plan import Limits
from balancer.ruling import Ruling
from balancer.saved import Holds
from wire.store import Kept, Store


@dataclass(frozen=True, slots=True)
class Standing:
    """What is kept in S3; None for what nobody wrote yet.

    `kept` is the operator's ruling as it lies there. `age` is seconds since the ledger was written,
    `lease_age` since the lease was.
    """

    kept: Kept | None
    lease: Lease | None
    lease_age: float
    holds: Holds | None
    age: float

    @property
    def led(self) -> bool:
        """Whether somebody renewed the lease in its time."""
        lease = self.lease
        # Ages are to the second.
        return (
            lease is not None and lease.holder is not None and self.lease_age <= lease.seconds + 1
        )


def bounds(ruling: Ruling, holds: Holds | None) -> tuple[int, int] | None:
    """The least and the greatest number asked for, over the settings; None when these are not known yet."""
    if holds is not None:
        return ruling.bounds(Limits(min_workers=holds.set_min, max_workers=holds.set_max))
    if ruling.min_workers is None or ruling.max_workers is None:
        return None
    return ruling.min_workers, ruling.max_workers


async def standing(store: Store) -> Standing:
    """Three reads.

    Raises:
        QueueUnavailable: S3 cannot be reached.
    """
    kept, lease, ledger = await asyncio.gather(
        *map(store.read, (operator.KEY, leader.KEY, keeping.KEY))
    )
    written = None if ledger is None else saved.read(ledger)
    return Standing(
        kept,
        _lease(lease),
        0.0 if lease is None else lease.age,
        None if written is None else written.holds,
        0.0 if ledger is None else ledger.age,
    )


def _lease(kept: Kept | None) -> Lease | None:
    try:
        return None if kept is None else Lease.model_validate_json(kept.data)
    except ValidationError:
        return None
