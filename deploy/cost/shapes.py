"""What runs for a deployment: the defaults of `deploy/templates/stack.yaml`, by its two profiles."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from deploy.cost import fleet, front, kept, own_queue, queues, watching
from deploy.cost.line import Line
from deploy.cost.load import Load
from deploy.cost.measured import Work
from deploy.cost.running import Running, of_groups, of_one_host
from wire.prices import PriceList

Count: TypeAlias = "Callable[[Load, Shape, Work], Running]"
Part: TypeAlias = "Callable[[Load, Shape, PriceList, Work], Iterable[Line]]"
Greatest: TypeAlias = "Callable[[Shape, int, Work], float]"


@dataclass(frozen=True)
class Shape:
    """A profile. Fields are named for the stack's parameters.

    Args:
        market: of workers, `spot` or `on-demand`; everything else is on demand.
        zones: in which the load balancer has an address each.
        metrics: that the deployment puts, each a month.
        log_days: for which logs are kept.
        parts: what makes its lines.
        running: how many processes there are of each kind.
        greatest: pictures a second with so many workers, all busy.
    """

    name: str
    parts: tuple[Part, ...]
    running: Count
    greatest: Greatest
    metrics: int
    alarms: int
    worker_type: str = "c7a.large"
    market: str = "spot"
    min_workers: int = 0
    api_type: str = "t3a.small"
    api_min: int = 1
    balancer_type: str = "t3a.micro"
    host_type: str = "c7a.medium"
    zones: int = 2
    volume_gb: float = 8.0
    log_days: float = 14.0


_ALWAYS: tuple[Part, ...] = (kept.requests, kept.stored, kept.sent, watching.watched)
_HOST = "single-host"
# Where jobs wait in the single host, by the stack's parameter HostQueue.
HOST_QUEUES: Mapping[str, Part] = {"own": own_queue.own, "sqs": queues.sqs}


def single_host(queue: str) -> Shape:
    """The profile with one of HOST_QUEUES; KeyError for what is none."""
    return replace(SHAPES[_HOST], parts=(fleet.host, HOST_QUEUES[queue], *_ALWAYS))


SHAPES: Mapping[str, Shape] = {
    "service": Shape(
        "service",
        (
            fleet.workers,
            front.replicas,
            fleet.balancer,
            front.load_balancer,
            queues.sqs,
            *_ALWAYS,
        ),
        running=of_groups,
        greatest=fleet.of_fleet,
        metrics=30,
        alarms=13,
    ),
    _HOST: Shape(
        _HOST,
        (fleet.host, own_queue.own, *_ALWAYS),
        running=of_one_host,
        greatest=fleet.of_host,
        metrics=30,
        alarms=10,
    ),
}
