"""Ledger, limits and lease as the page shows them."""

import asyncio
import time
from typing import Any

from wire import lease, ledger, ruling
from wire.ledger import Saved
from wire.ruling import Ruling
from wire.standing import Standing, lease_in, saved_in
from wire.store import Store

MOST = 300  # workers that are shown, the youngest


class Books:
    """The balancer's ledger, the operator's word and the lease, read again and again.

    `ledger` and `standing` are what they said when they were last read.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._etag: str | None = None
        self._saved: Saved | None = None
        self.ledger: dict[str, Any] | None = None
        self.standing: dict[str, Any] | None = None

    async def read(self) -> None:
        """Read them once; the ledger, which is large, only where it has changed.

        Raises:
            QueueUnavailable: the store cannot be reached.
        """
        kept, leads, newer = await asyncio.gather(
            self._store.read(ruling.KEY),
            self._store.read(lease.KEY),
            self._store.read_newer(ledger.KEY, self._etag),
        )
        if newer is not None:
            self._etag, self._saved = newer.etag or None, saved_in(newer)
            self.ledger = None if self._saved is None else _ledger(self._saved, newer.age)
        holds = None if self._saved is None else self._saved.holds
        age = 0.0 if leads is None else leads.age
        self.standing = told(Standing(kept, lease_in(leads), age, holds, 0.0))


def _ledger(saved: Saved, age: float) -> dict[str, Any]:
    """The workers. Ages become times by how old the store says the file is, and this machine's clock."""
    then = time.time() - age
    rows = sorted(saved.rows, key=lambda row: row.launched_at)
    return {
        "written": then,
        "more": max(0, len(rows) - MOST),
        "epoch": saved.epoch,
        "tick": saved.tick,
        "serviceSeconds": saved.service_seconds,
        "boots": list(saved.boots),
        "failedBoots": saved.failed_boots,
        "workers": [
            {
                "id": row.id,
                "state": _state(row),
                "launched": row.launched_at,
                "heard": None if row.heard is None else then - row.heard,
                "boot": None if row.ready is None else max(0.0, row.seen - row.ready),
                "served": row.served,
                "throughput": row.throughput,
                "serviceSeconds": row.service_seconds,
                "hourly": row.hourly or None,
            }
            for row in rows[-MOST:]
        ],
    }


def _state(row: ledger.SavedRow) -> str:
    if row.leaving is not None:
        return "leaving"
    if row.ready is None:
        return "launching"
    return "busy" if row.state == "busy" else "idle"


def told(now: Standing) -> dict[str, Any]:
    """The operator's limits, what holds, and who leads."""
    try:
        said, unreadable = Ruling.read(None if now.kept is None else now.kept.data), False
    except ValueError:
        said, unreadable = Ruling(), True
    holds = now.holds
    return {
        "operator": {
            "min": said.min_workers,
            "max": said.max_workers,
            "paused": said.paused,
            "unreadable": unreadable,
        },
        "holds": None
        if holds is None
        else {
            "policy": holds.policy,
            "setMin": holds.set_min,
            "setMax": holds.set_max,
            "min": holds.min_workers,
            "max": holds.max_workers,
            "bound": holds.bound,
            "every": holds.every,
            "paused": holds.paused,
            "targetWait": holds.target_wait,
        },
        "leader": now.lease.holder if now.lease is not None and now.led else None,
        "epoch": None if now.lease is None else now.lease.epoch,
    }
