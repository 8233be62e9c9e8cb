"""What an hour costs at least and at most: before anything is made."""

from dataclasses import dataclass, replace

from deploy.cost.bill import Bill, billed
from deploy.cost.load import HOUR, Load
from deploy.cost.measured import measured
from deploy.cost.shapes import Shape
from wire.prices import PriceList


@dataclass(frozen=True)
class Hourly:
    """`least`: nobody asks; `most`: all workers there may be are always busy. See `.an_hour` of each."""

    least: Bill
    most: Bill


def hourly(shape: Shape, prices: PriceList, least: int, most: int) -> Hourly:
    """The two bills of a deployment whose workers are so many at least, and at most.

    Raises:
        deploy.cost.prices.UnknownType: an instance type has no price.
    """
    bounded = replace(shape, min_workers=least)
    busy = shape.greatest(shape, most, measured()) * 24 * HOUR
    quiet = billed(Load(0.0), bounded, prices)
    return Hourly(quiet, billed(Load(busy, utilization=1.0), bounded, prices))
