"""The balancer's ledger as it is kept: who works where, how fast, and what held in the last tick.

Times are ages in seconds: as old as the file when it is read, by the store's own clock. Only `launched_at`
and `sent_at` are times, by the clocks of what the fleet and the queue run on.
"""

from typing import NamedTuple

from wire.messages import Message

KEY = "state/ledger.json"


class SavedRow(NamedTuple):
    """One worker. Times in seconds; ages are as old as the file when it is read."""

    id: str
    launched_at: float
    seen: float
    ready: float | None
    heard: float | None
    leaving: float | None
    sent_at: float
    state: str | None
    served: int
    service_seconds: float | None
    throughput: float | None
    hourly: float


class SavedPast(NamedTuple):
    """One earlier tick, by its age in seconds."""

    age: float
    queued: int
    in_flight: int
    workers: int
    busy: int
    arrived: float
    desired: int
    launching: int


class Holds(Message):
    """What held in the last tick, for whoever asks. `set_*` is what the balancer's settings say.

    `bound` names what set the greatest number. `every` is the seconds between ticks. The last three are what
    policies reckon with: the target wait, and what stands in for a boot and a picture nobody has measured.
    """

    policy: str
    set_min: int
    set_max: int
    min_workers: int
    max_workers: int
    bound: str
    every: float
    paused: bool
    workers: int
    hourly: float
    target_wait: float = 5.0
    boot_seconds: float = 10.0
    service_seconds: float = 0.1


class Saved(Message):
    """The whole file. `epoch` and `tick` say whose it is."""

    epoch: int
    tick: int
    rows: tuple[SavedRow, ...] = ()
    past: tuple[SavedPast, ...] = ()
    boots: tuple[float, ...] = ()
    service_seconds: float | None = None
    price: float | None = None
    failed_boots: int = 0
    failed: float = 0.0
    holds: Holds | None = None
