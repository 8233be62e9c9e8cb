"""The list of prices with the operator's own over it, out of a file and off the command line."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wire.prices import PriceList, listed

MARKETS = ("on-demand", "spot")


class PricesError(ValueError):
    """A price that cannot be used; the text names it and where it was given."""


class UnknownType(ValueError):
    """Nobody has a price for this instance type; the text says how to give one."""


def load_prices(path: Path | None = None, given: Sequence[str] = ()) -> PriceList:
    """The list, the file's prices over it, and those of `given` over both.

    Args:
        path: JSON, `{"alb_hour": 0.02, "c7a.large": 0.1, "c6a.large": {"on-demand": 0.07, "spot": 0.03}}`:
            what has a dot is an instance type. A file for CLASSIFYCLOUD_PRICES serves as it is.
        given: `NAME=DOLLARS`, `TYPE=DOLLARS` (on demand) and `TYPE:spot=DOLLARS`.

    Raises:
        PricesError: one of them is unknown or is no price, or the file cannot be read.
    """
    prices = listed()
    if path is not None:
        prices = _over(prices, _read(path), str(path))
    for pair in given:
        name, equals, value = pair.partition("=")
        kind, _, market = name.partition(":")
        if not equals:
            raise PricesError(f"{pair!r} is no price: NAME=DOLLARS is wanted")
        price = _number(value)
        prices = _over(prices, {kind: {market: price} if market else price}, "--price")
    return prices


def instance(prices: PriceList, kind: str, market: str) -> float:
    """Dollars for an hour of an instance.

    Raises:
        UnknownType: nobody knows.
    """
    found = prices.hourly(kind, market)
    if found is None:
        raise UnknownType(f"nobody has a price for {kind}: give --price {kind}=DOLLARS, of an hour")
    return found


def _read(path: Path) -> Mapping[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PricesError(f"{path}: {error}") from error
    if not isinstance(said, dict):
        raise PricesError(f"{path}: {{}} of prices by their names is wanted")
    return said


def _over(prices: PriceList, given: Mapping[str, Any], where: str) -> PriceList:
    values, instances, spot = dict(prices.values), dict(prices.instances), dict(prices.spot)
    for name, said in given.items():
        if "." in name:
            markets = said if isinstance(said, dict) else {"on-demand": said}
            for market, value in markets.items():
                if market not in MARKETS:
                    raise PricesError(
                        f"{where}: {name} has {market}; it may have spot and on-demand"
                    )
                (spot if market == "spot" else instances)[name] = _dollars(value, name, where)
        elif name in values:
            values[name] = replace(values[name], value=_dollars(said, name, where), source=where)
        else:
            known = ", ".join(values)
            raise PricesError(f"{where}: {name} is no price. There are {known}, and instance types")
    return replace(prices, values=values, instances=instances, spot=spot)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _dollars(value: Any, name: str, where: str) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6
    if not good:
        raise PricesError(f"{where}: {name} is {value!r}; dollars are wanted")
    return float(value)
