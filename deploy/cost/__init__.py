"""What the deployment costs, line by line. Pure: no call, no setting, no AWS library.

    from deploy.cost.prices import load_prices     # (path: Path | None, given: Sequence[str]) -> PriceList
    from deploy.cost.shapes import SHAPES, Shape   # "service", "single-host": the stack's profiles
    from deploy.cost.load import Load              # Load(pictures_a_day=1e6, ...)
    from deploy.cost.bill import Bill, billed      # (load, shape, prices) -> Bill
    from deploy.cost.hourly import Hourly, hourly  # (shape, prices, least, most) -> Hourly

`Bill.lines` are `Line`s: part, what, formula, quantity, unit, price, `month` in dollars. `Bill.a_month`,
`a_day`, `an_hour`, `a_million`, `by_part()`. `Hourly.least` and `Hourly.most` are the bills of a service
that is asked nothing, with its least number of workers, and of one whose greatest number is always busy. A
shape is changed with `dataclasses.replace`: its fields are what the stack's parameters are. An instance
type that nobody has a price for: `prices.UnknownType`, a ValueError; give `--price TYPE=DOLLARS`.
"""
