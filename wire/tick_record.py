"""A tick as it is written down: a line of `ticks/…jsonl`, read by `classifycloud explain` and the operator's
page."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True, slots=True)
class Opinion:
    """One policy's plan in short; `fault` says why it has none."""

    desired: int = 0
    launch: int = 0
    terminate: int = 0
    reason: str = ""
    fault: str | None = None


class Seen(BaseModel):
    """What was seen: a snapshot's numbers, under the same names, without its past."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    queued: int
    in_flight: int
    workers: int
    idle: int = 0
    busy: int = 0
    launching: int = 0
    draining: int = 0
    unanswered: int = 0
    ending: int = 0
    fresh: int = 0
    empty_for: float | None = None
    arrived: float = 0.0
    oldest_wait: float | None = None
    service_seconds: float | None = None
    boot_seconds: float | None = None


class Ended(BaseModel):
    """A worker that was waited for long enough."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    worker: str
    reason: str


class Cost(BaseModel):
    """Dollars: an hour of all workers, a thousand pictures of late (None: too few), the hourly budget.

    `runs_on` counts the workers by type and market.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    hourly: float = 0.0
    per_thousand: float | None = None
    left: float | None = None
    runs_on: dict[str, int] = {}


class TickRecord(BaseModel):
    """One tick: inputs, formula, limits, deeds. `wanted_*` is what the policy asked for,
    `held_back` how many of its launches nobody tried.

    `at` is UTC by the balancer's clock. `limits` and `numbers` have the names that `balancer.plan` and
    the policy's own documentation give them. `others` says what each would have done from here,
    `shadow` which of them the operator watches. `served` counts pictures that workers reported since the
    tick before, `codes` requests that replicas answered, by code, `seconds` those answered well, by how long
    they took (`wire.latency`).
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    at: datetime
    tick: int
    epoch: int
    policy: str
    saw: Seen
    limits: dict[str, int | float | str]
    numbers: dict[str, float]
    reason: str
    bound: str | None = None
    desired: int
    wanted_launch: int = 0
    wanted_terminate: int = 0
    held_back: int = 0
    launched: int = 0
    terminated: int = 0
    ended: tuple[Ended, ...] = ()
    paused: bool = False
    cost: Cost = Cost()
    others: dict[str, Opinion] = {}
    shadow: str | None = None
    served: int = 0
    codes: dict[str, int] = {}
    seconds: dict[int, int] = {}

    @property
    def quiet(self) -> bool:
        """Whether nothing was done."""
        return not (self.launched or self.terminated or self.ended)

    def line(self) -> bytes:
        """The record as its file keeps it."""
        return self.model_dump_json(exclude_defaults=True).encode() + b"\n"
