"""A bill in words: a line for each thing that is paid for, the formula under it."""

from typing import TYPE_CHECKING

from deploy.cost.bill import MILLION

if TYPE_CHECKING:
    from deploy.cost.bill import Bill
    from wire.prices import PriceList

WIDE = 26


def shown(bill: "Bill", prices: "PriceList") -> str:
    """For a terminal."""
    load, rows, before = bill.load, [], ""
    for line in bill.lines:
        if line.part != before:
            rows.append(f"{line.part}  {bill.by_part()[line.part]:,.2f} $")
            before = line.part
        each = line.month / load.a_month * MILLION
        rows.append(
            f"  {line.what:<{WIDE}}{line.month:>10,.2f} $ a month {each:>8.3f} $ a million   "
            f"{line.quantity:,.4g} {line.unit} x {line.price:.4g} $"
        )
        rows.append(f"  {'':<{WIDE}}= {line.formula}")
    million = bill.a_million or 0.0
    rows += [
        "",
        f"{load.pictures_a_day:,.0f} pictures a day, profile {bill.shape.name}, {prices.region}, prices of "
        f"{prices.looked_up}:",
        f"{million:,.2f} $ a million pictures; {bill.an_hour:,.3f} $ an hour, {bill.a_day:,.2f} $ a day, "
        f"{bill.a_month:,.2f} $ a month",
    ]
    return "\n".join(rows)


def listed(prices: "PriceList") -> str:
    """The prices by name."""
    rows = [
        f"{name:<24}{price.value:>10.4g}  {price.unit}; {price.source}"
        for name, price in prices.values.items()
    ]
    rows += [f"{kind:<24}{price:>10.5g}  h, on demand" for kind, price in prices.instances.items()]
    rows += [f"{kind:<24}{price:>10.5g}  h, spot" for kind, price in prices.spot.items()]
    return "\n".join(rows)
