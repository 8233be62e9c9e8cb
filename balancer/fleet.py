"""What a fleet is: whatever workers run on. Each kind is a file or a folder in `balancer.fleets`."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FleetWorker:
    """A worker that exists. `launched_at` is in seconds since the epoch.

    `id` is what the worker calls itself in reports. `ending` says that it was told to go by `end`.
    `hourly` is what it costs in dollars an hour; `kind` and `market` say what it is, for people.
    `promised` stands for one that was asked for while the answer was lost: it counts until the truth
    is known, and gives way to the worker's own id, or to nothing, without having failed.
    """

    id: str
    launched_at: float
    ending: bool = False
    hourly: float = 0.0
    kind: str = ""
    market: str = ""
    promised: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A launch: so many more workers.

    `epoch` (of the leading balancer) and `tick` together never come twice, so that a call repeated
    within an order cannot launch anew. `hourly` is what all of them together may cost in dollars an
    hour, None when nobody set a limit.
    """

    count: int
    epoch: int = 0
    tick: int = 0
    hourly: float | None = None


class Fleet(Protocol):
    """Workers that can be counted, launched and ended. No call waits for a worker.

    Raises:
        FleetUnavailable: from any call: what the workers run on cannot be asked or refuses for now.
    """

    async def workers(self) -> list[FleetWorker]:
        """Those that exist now, launching ones included. Changes nothing."""

    async def launch(self, order: Order) -> int:
        """Start that many more; how many came, which may be fewer when there is no room for all."""

    async def end(self, worker: str, grace: float) -> None:
        """Ask a worker, where it can be asked, to finish and go.

        The first `tend` after `grace` seconds removes it by force. Nothing happens when there is no such
        worker.
        """

    async def spare(self, worker: str) -> bool:
        """Take an `end` back, for the worker works after all; False when it was asked and will go."""

    async def tend(self, order: Order) -> None:
        """Once a tick, after the launches: carry overdue ends out, keep up what else there is to keep.

        `order` carries the tick's epoch, number and what money is left; its count means nothing.
        """

    async def close(self) -> None:
        """The balancer goes for good. Returns when what must not outlive it is gone."""


class FleetUnavailable(Exception):
    """What the workers run on cannot be asked, or refuses for now; the next tick tries again."""
