"""What the operator allows beyond the settings: `state/limits.json`, written by `classifycloud scale`.

The leading balancer reads it once a tick, 0.21 $ a month at one every 5 s (us-east-1 list price as
remembered in the design), after the tick; a change holds in the one after the next at the latest.
"""

from dataclasses import replace
from typing import Self

from pydantic import Field, ValidationError

from balancer.plan import Limits
from wire import log
from wire.errors import QueueUnavailable
from wire.messages import Message
from wire.store import Store

_log = log.get(__name__)

KEY = "state/limits.json"
BOUND = "operator"


class Ruling(Message):
    """None leaves a limit to the settings. `paused`: observe, plan and record, but do nothing."""

    min_workers: int | None = Field(None, ge=0)
    max_workers: int | None = Field(None, gt=0)
    paused: bool = False

    def over(self, limits: Limits) -> Limits:
        """The limits with the operator's own on top.

        Raises:
            ValueError: together they contradict each other.
        """
        given = {"min_workers": self.min_workers, "max_workers": self.max_workers}
        chosen = {name: value for name, value in given.items() if value is not None}
        bound = limits.max_bound if self.max_workers is None else BOUND
        return replace(limits, **chosen, max_bound=bound)

    @classmethod
    def read(cls, data: bytes | None) -> Self:
        """What was kept; nothing kept is no ruling.

        Raises:
            ValueError: the object cannot be read.
        """
        try:
            return cls() if data is None else cls.model_validate_json(data)
        except ValidationError as error:
            raise ValueError(f"{KEY} cannot be used: {error.errors()[0]['msg']}") from error


class Desk:
    """Where the operator's word lies. What cannot be read or used leaves the former word in force."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._data: bytes | None = None
        self.paused = False
        self.limits = limits

    async def look(self) -> None:
        """Read it once; an outage changes nothing."""
        try:
            data = await self._store.get(KEY)
        except QueueUnavailable as error:
            _log.warning("operator's limits not read", fault=repr(error.__cause__ or error))
            return
        if data == self._data:
            return
        self._data = data
        self._adopt(data)

    def _adopt(self, data: bytes | None) -> None:
        try:
            ruling = Ruling.read(data)
            self.limits, self.paused = ruling.over(self._limits), ruling.paused
        except ValueError as error:
            _log.error("operator's limits ignored", why=str(error))
            return
        _log.info(
            "operator's limits",
            min_workers=self.limits.min_workers,
            max_workers=self.limits.max_workers,
            paused=self.paused,
        )
