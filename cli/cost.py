"""`classifycloud cost`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli import options
from cli.exits import misused

if TYPE_CHECKING:
    from deploy.cost.bill import Bill
    from deploy.cost.load import Load
    from deploy.cost.shapes import Shape
    from wire.prices import PriceList

UNITS = {"k": 1e3, "m": 1e6}
OVER = "Instead of the stack's defaults"
MONEY = "Prices"


def amount(text: str | float) -> float:
    """A number such as 10k, 1M or 2500, or the default; typer.BadParameter for what is none."""
    word = str(text).strip().replace(",", "")
    unit = UNITS.get(word[-1:].lower(), 1.0)
    try:
        found = float(word[:-1] if unit > 1 else word) * unit
    except ValueError:
        found = -1.0
    if not 0 < found <= 1e12:
        raise typer.BadParameter(f"{text!r} is no number of pictures. Give one such as 10k or 1M.")
    return found


Pictures = Annotated[
    float,
    typer.Option("--pictures", parser=amount, metavar="NUMBER", help="A day: 10k, 1M, 100M."),
]
Profile = Annotated[
    Literal["service", "single-host"],
    typer.Option(help="With a load balancer and a fleet, or all on one instance."),
]
Workers = Annotated[
    str | None,
    typer.Option(help="Workers' instance type.", show_default="c7a.large", rich_help_panel=OVER),
]
Market = Annotated[
    Literal["spot", "on-demand"] | None,
    typer.Option(help="Workers'.", show_default="spot", rich_help_panel=OVER),
]
Least = Annotated[
    int | None,
    typer.Option(
        min=0, help="Workers that are always kept.", show_default="0", rich_help_panel=OVER
    ),
]
Front = Annotated[
    str | None,
    typer.Option(help="The front end's type.", show_default="t3a.small", rich_help_panel=OVER),
]
FrontLeast = Annotated[
    int | None,
    typer.Option(min=1, help="Replicas at least.", show_default="1", rich_help_panel=OVER),
]
Host = Annotated[
    str | None,
    typer.Option(
        help="The single host's type.", show_default="the stack's default", rich_help_panel=OVER
    ),
]
HostQueue = Annotated[
    Literal["own", "sqs"],
    typer.Option(help="Where jobs wait in the single host: on it, or in SQS."),
]
Utilization = Annotated[
    float,
    typer.Option(
        min=0.01,
        max=1,
        help="Share of their paid time in which workers work.",
        rich_help_panel=OVER,
    ),
]
Calls = Annotated[
    float | None,
    typer.Option(
        "--sqs-calls",
        min=0,
        help="Calls to SQS for a picture.",
        show_default="as measured at this rate",
        rich_help_panel=OVER,
    ),
]
Given = Annotated[
    list[str] | None,
    typer.Option(
        "--price",
        metavar="NAME=DOLLARS",
        help="One price: alb_hour=0.02, c7a.large=0.1, c7a.large:spot=0.03.",
        rich_help_panel=MONEY,
    ),
]
File = Annotated[
    Path | None,
    typer.Option(
        "--prices", help="JSON of them, as CLASSIFYCLOUD_PRICES takes it.", rich_help_panel=MONEY
    ),
]


def cost(
    pictures: Pictures = 1e6,
    profile: Profile = "service",
    host_queue: HostQueue = "own",
    worker_type: Workers = None,
    market: Market = None,
    min_workers: Least = None,
    api_type: Front = None,
    api_min: FrontLeast = None,
    host_type: Host = None,
    utilization: Utilization = 0.8,
    sqs_calls: Calls = None,
    price: Given = None,
    prices: File = None,
    show_prices: Annotated[
        bool, typer.Option("--list", help="The prices, instead.", rich_help_panel=MONEY)
    ] = False,
    as_json: Annotated[bool, options.json_of("every line, and the sums")] = False,
) -> None:
    """What the service costs on AWS, line by line, with where each quantity comes from.

    List prices of us-east-1 as they were remembered, every one to be replaced; no free tier and no discount.
    How much of everything a picture takes was measured: docs/operations.md.
    """
    from dataclasses import replace

    from deploy.cost.load import Load
    from deploy.cost.shapes import SHAPES, single_host

    known = _prices(prices, price or [])
    if show_prices:
        typer.echo(_listed(known, as_json))
        return
    given = {
        "worker_type": worker_type,
        "market": market,
        "min_workers": min_workers,
        "api_type": api_type,
        "api_min": api_min,
        "host_type": host_type,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    chosen = single_host(host_queue) if profile == "single-host" else SHAPES[profile]
    shape = replace(chosen, **changed)  # type: ignore[arg-type]
    bill = _billed(Load(pictures, utilization=utilization, sqs_calls=sqs_calls), shape, known)
    if as_json:
        document = bill.as_json() | {"region": known.region, "lookedUp": known.looked_up}
        typer.echo(options.document(**document))
    else:
        from cli.cost_report import shown

        typer.echo(shown(bill, known))


def _prices(path: Path | None, given: list[str]) -> "PriceList":
    from deploy.cost.prices import PricesError, load_prices

    try:
        return load_prices(path, given)
    except PricesError as error:
        misused(str(error))


def _billed(load: "Load", shape: "Shape", prices: "PriceList") -> "Bill":
    from deploy.cost.bill import billed
    from deploy.cost.prices import UnknownType

    try:
        return billed(load, shape, prices)
    except UnknownType as error:
        misused(str(error))


def _listed(prices: "PriceList", as_json: bool) -> str:
    from cli.cost_report import listed

    if as_json:
        return options.document(
            values={name: price.value for name, price in prices.values.items()},
            instances=dict(prices.instances),
            spot=dict(prices.spot),
        )
    return listed(prices)
