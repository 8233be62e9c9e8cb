"""All lines of a deployment, and their sums."""

from dataclasses import dataclass
from typing import Any

from deploy.cost.line import Line
from deploy.cost.load import DAYS, MONTH_HOURS, Load
from deploy.cost.measured import Work, measured
from deploy.cost.shapes import Shape
from wire.prices import PriceList

MILLION = 1e6


@dataclass(frozen=True)
class Bill:
    """What a deployment of one shape costs under one load."""

    load: Load
    shape: Shape
    lines: tuple[Line, ...]

    @property
    def a_month(self) -> float:
        """Dollars in 730 hours."""
        return sum(line.month for line in self.lines)

    @property
    def a_day(self) -> float:
        """Dollars."""
        return self.a_month / DAYS

    @property
    def an_hour(self) -> float:
        """Dollars."""
        return self.a_month / MONTH_HOURS

    @property
    def a_million(self) -> float | None:
        """Dollars for a million pictures; None where there are none."""
        return self.a_month / self.load.a_month * MILLION if self.load.a_month else None

    def by_part(self) -> dict[str, float]:
        """Dollars a month by part, in the order of the lines."""
        sums: dict[str, float] = {}
        for line in self.lines:
            sums[line.part] = sums.get(line.part, 0.0) + line.month
        return sums

    def as_json(self) -> dict[str, Any]:
        """Its sums, and every line; `looked_up` of prices is the list's own."""
        return {
            "profile": self.shape.name,
            "picturesADay": self.load.pictures_a_day,
            "dollars": {
                "million": self.a_million,
                "hour": self.an_hour,
                "day": self.a_day,
                "month": self.a_month,
            },
            "lines": [
                {
                    "part": line.part,
                    "what": line.what,
                    "formula": line.formula,
                    "quantity": line.quantity,
                    "unit": line.unit,
                    "price": line.price,
                    "month": line.month,
                }
                for line in self.lines
            ],
        }


def billed(load: Load, shape: Shape, prices: PriceList, work: Work | None = None) -> Bill:
    """The bill.

    Args:
        work: what a picture takes, as it was measured when None.

    Raises:
        deploy.cost.prices.UnknownType: an instance type has no price.
    """
    known = work or measured()
    lines = [line for part in shape.parts for line in part(load, shape, prices, known)]
    return Bill(load, shape, tuple(lines))
