"""Versions on trial: watched by each worker, taken back by the first that sees that one is worse."""

import time
from collections.abc import Callable
from dataclasses import replace

from wire import log
from wire.index import Withdrawal, withdrawn
from wire.index_store import IndexCopy, changed
from wire.lineup import Lineup
from wire.store import Store
from worker.shelf.counts import CanaryCounts
from worker.shelf.judge import verdict

logger = log.get("worker")


class Canaries:
    """What this worker knows of them.

    Args:
        store: where the index is.
        worker: who says so.
        counts: of their answers.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        store: Store,
        worker: str,
        counts: CanaryCounts,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._worker = worker
        self._counts = counts
        self._now = now
        self._untold: dict[str, Withdrawal] = {}

    def watch(self, lineup: Lineup) -> None:
        """Count for those that this line-up has, and for no others."""
        for name in lineup.names():
            pair = lineup.pair(name)
            if pair is None:
                self._counts.end(name)
            else:
                self._counts.begin(name, *pair)

    def judge(self, lineup: Lineup) -> bool:
        """Take back those that are worse; whether there was one."""
        worse = False
        for name in lineup.index.models:
            pair = lineup.pair(name)
            why = pair and verdict(*(self._counts.of(name, version) for version in pair))
            if pair and why:
                self.take_back(name, pair[0], why)
                worse = True
        return worse

    def take_back(self, name: str, version: str, reason: str) -> None:
        """Here from now on, everywhere as soon as it is told."""
        if name in self._untold and self._untold[name].version == version:
            return
        logger.warning("a version is taken back", model=name, version=version, reason=reason)
        at = self._now()
        self._untold[name] = Withdrawal(version=version, reason=reason, by=self._worker, at=at)

    def without(self, lineup: Lineup) -> Lineup:
        """The line-up less those that the index does not know of yet."""
        index = lineup.index
        for name, gone in self._untold.items():
            index = withdrawn(index, name, gone)
        return replace(lineup, index=index)

    async def tell(self, copy: IndexCopy) -> None:
        """Write into the index what was taken back; what cannot be told is told the next time."""
        for name, gone in list(self._untold.items()):
            try:
                index = await changed(
                    self._store,
                    lambda before, name=name, gone=gone: withdrawn(before, name, gone),  # type: ignore[misc]
                )
            except Exception as error:
                logger.error("the index was not changed", model=name, error=repr(error))
                return
            copy.hold(index)
            del self._untold[name]
            logger.info("the index of models was changed", model=name, taken_back=gone.version)
