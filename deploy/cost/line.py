"""A line of the bill."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """What one thing costs in a month.

    Args:
        part: of the bill, under which lines are summed.
        what: is paid for.
        formula: where the quantity comes from, with its numbers.
        quantity: units a month.
        unit: what the price is for.
        price: dollars for one.
    """

    part: str
    what: str
    formula: str
    quantity: float
    unit: str
    price: float

    @property
    def month(self) -> float:
        """Dollars."""
        return self.quantity * self.price
