"""How many processes of each kind run, by the mean of a day."""

from typing import TYPE_CHECKING, NamedTuple

from deploy.cost.fleet import worker_count
from deploy.cost.front import replica_count
from deploy.cost.load import Load
from deploy.cost.measured import Work

if TYPE_CHECKING:
    from deploy.cost.shapes import Shape


class Running(NamedTuple):
    """Beside the one balancer."""

    workers: float
    front_ends: int


def of_groups(load: Load, shape: "Shape", work: Work) -> Running:
    """As the fleet and the front end's group follow the load."""
    return Running(worker_count(load, shape, work)[0], replica_count(load, shape, work)[0])


def of_one_host(_load: Load, _shape: "Shape", _work: Work) -> Running:
    """One of each."""
    return Running(1.0, 1)
