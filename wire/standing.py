"""How a deployment stands, for whoever asks from outside: lease, limits and ledger as they are kept."""

import asyncio
from dataclasses import dataclass

from pydantic import ValidationError

from wire import lease, ledger, ruling
from wire.lease import Lease
from wire.ledger import Holds, Saved
from wire.ruling import Ruling
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


def bounds(ruled: Ruling, holds: Holds | None) -> tuple[int, int] | None:
    """The least and the greatest number asked for, over the settings; None when these are not known yet."""
    if holds is not None:
        return ruled.bounds(holds.set_min, holds.set_max)
    if ruled.min_workers is None or ruled.max_workers is None:
        return None
    return ruled.min_workers, ruled.max_workers


async def standing(store: Store) -> Standing:
    """Three reads.

    Raises:
        QueueUnavailable: S3 cannot be reached.
    """
    kept, leads, written = await asyncio.gather(
        *map(store.read, (ruling.KEY, lease.KEY, ledger.KEY))
    )
    saved = None if written is None else saved_in(written)
    return Standing(
        kept,
        lease_in(leads),
        0.0 if leads is None else leads.age,
        None if saved is None else saved.holds,
        0.0 if written is None else written.age,
    )


def saved_in(kept: Kept) -> Saved | None:
    """The ledger; None when it cannot be read: another version's, or damaged."""
    try:
        return Saved.model_validate_json(kept.data)
    except ValidationError:
        return None


def lease_in(kept: Kept | None) -> Lease | None:
    """The lease; None as well when it cannot be read."""
    try:
        return None if kept is None else Lease.model_validate_json(kept.data)
    except ValidationError:
        return None
