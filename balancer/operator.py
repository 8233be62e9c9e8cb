"""The operator's word: `state/limits.json`, written by `classifycloud scale` and the operator's page.

The leading balancer reads it once a tick, 0.21 $ a month at one every 5 s (us-east-1 list price as
remembered in the design), after the tick; a change holds in the one after the next at the latest.
"""

from contextlib import suppress
from pathlib import Path

from balancer.plan import Limits
from balancer.ruling import Ruling, over
from wire import log
from wire.errors import QueueUnavailable
from wire.ruling import KEY as KEY
from wire.store import Store

_log = log.get(__name__)


class Desk:
    """Where the operator's word lies. What cannot be read or used leaves the former word in force.

    Args:
        store: where it is kept.
        limits: what the settings say.
        copy: file that repeats it for a balancer that starts its first workers before it reaches S3.
    """

    def __init__(self, store: Store, limits: Limits, copy: Path | None = None) -> None:
        self._store = store
        self._limits = limits
        self._copy = copy
        self._data: bytes | None = None
        self.paused = False
        self.limits = limits

    async def look(self) -> None:
        """Read it once; an outage changes nothing."""
        try:
            await self.read()
        except QueueUnavailable as error:
            _log.warning("operator's limits not read", fault=repr(error.__cause__ or error))

    async def read(self) -> None:
        """Read it once.

        Raises:
            QueueUnavailable: S3 cannot be reached.
        """
        data = await self._store.get(KEY)
        if data != self._data:
            self._data = data
            self._adopt(data)

    def _adopt(self, data: bytes | None) -> None:
        try:
            ruling = Ruling.read(data)
        except ValueError as error:
            _log.error("operator's limits ignored", why=str(error))
            return
        self.limits, self.paused = over(ruling, self._limits), ruling.paused
        if self._copy is not None:
            with suppress(OSError):
                fresh = self._copy.with_suffix(".new")
                fresh.write_bytes(data or b"{}")
                fresh.replace(self._copy)
        _log.info(
            "operator's limits",
            min_workers=self.limits.min_workers,
            max_workers=self.limits.max_workers,
            paused=self.paused,
        )
        least, most = ruling.bounds(self._limits.min_workers, self._limits.max_workers)
        if least > most:
            _log.warning(
                "the least number is above the greatest: it gives way", least=least, most=most
            )
