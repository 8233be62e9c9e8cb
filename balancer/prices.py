"""What an instance costs: dollars an hour in us-east-1, Linux, as list prices stood when last looked up
(`wire/prices.json`).

They change and differ between regions: CLASSIFYCLOUD_PRICES names a JSON file that is laid over them,
`{"c7a.large": 0.1}` or `{"c7a.large": {"on-demand": 0.1, "spot": 0.04}}`. Spot prices move by the hour;
where none is given, `SPOT_SHARE` of the on-demand price is taken.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wire.prices import listed

SPOT_SHARE = listed()["spot_share"]

ON_DEMAND: Mapping[str, float] = listed().instances

Market = Mapping[str, float]


class PricesError(ValueError):
    """A file of prices cannot be used; the text names the file and the key."""


class Prices:
    """Prices by instance type and market (`spot`, `on-demand`)."""

    def __init__(self, table: Mapping[str, Market] | None = None) -> None:
        self._table: dict[str, Market] = {
            kind: {"on-demand": price} for kind, price in ON_DEMAND.items()
        }
        for kind, markets in (table or {}).items():
            self._table[kind] = {**self._table.get(kind, {}), **markets}

    def hourly(self, kind: str, market: str) -> float | None:
        """Dollars an hour; None when nobody knows."""
        found = self._table.get(kind, {})
        if market in found:
            return found[market]
        whole = found.get("on-demand")
        return None if whole is None else whole * SPOT_SHARE


def load_prices(path: Path | None) -> Prices:
    """The prices built in, with those of the file over them.

    Raises:
        PricesError: the file cannot be read, or a price is none.
    """
    if path is None:
        return Prices()
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PricesError(f"CLASSIFYCLOUD_PRICES={path}: {error}") from error
    if not isinstance(given, dict):
        raise PricesError(f"CLASSIFYCLOUD_PRICES={path}: {{}} of prices by instance type is wanted")
    return Prices({kind: _markets(path, kind, value) for kind, value in given.items()})


def _markets(path: Path, kind: str, value: Any) -> Market:
    if not isinstance(value, dict):
        return {"on-demand": _dollars(path, kind, value)}
    unknown = set(value) - {"spot", "on-demand"}
    if unknown or not value:
        named = ", ".join(sorted(unknown)) or "nothing"
        raise PricesError(
            f"CLASSIFYCLOUD_PRICES={path}: {kind} has {named}; it may have spot and on-demand"
        )
    return {market: _dollars(path, f"{kind}.{market}", price) for market, price in value.items()}


def _dollars(path: Path, key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise PricesError(
            f"CLASSIFYCLOUD_PRICES={path}: {key} is {value!r}; dollars an hour are wanted"
        )
    return float(value)
