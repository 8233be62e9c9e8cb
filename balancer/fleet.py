"""What a fleet is: whatever workers run on. Each kind is a file in `balancer.fleets`."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FleetWorker:
    """A worker that exists. `launched_at` is in seconds since the epoch.

    `id` is what the worker calls itself in reports. `ending` says that it was told to go by `end`.
    """

    id: str
    launched_at: float
    ending: bool = False


class Fleet(Protocol):
    """Workers that can be counted, launched and ended. No call waits for a worker."""

    async def workers(self) -> list[FleetWorker]:
        """Those that exist now, launching ones included. Carries overdue ends out."""

    async def launch(self, count: int) -> None:
        """Start that many more."""

    async def end(self, worker: str, grace: float) -> None:
        """Ask a worker to finish and go; after `grace` seconds it is removed by force.

        Nothing happens when there is no such worker.
        """

    async def close(self) -> None:
        """The balancer goes for good. Returns when what must not outlive it is gone."""
