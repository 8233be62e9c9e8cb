"""What an instance costs: dollars an hour in us-east-1, Linux, as list prices stood when last looked up.

They change and differ between regions: CLASSIFYCLOUD_PRICES names a JSON file that is laid over them,
`{"c7a.large": 0.1}` or `{"c7a.large": {"on-demand": 0.1, "spot": 0.04}}`. Spot prices move by the hour;
where none is given, `SPOT_SHARE` of the on-demand price is taken.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SPOT_SHARE = 0.4

ON_DEMAND: Mapping[str, float] = {
    "c7a.medium": 0.05132,
    "c7a.large": 0.10264,
    "c7a.xlarge": 0.20528,
    "c7a.2xlarge": 0.41056,
    "c7i.large": 0.08925,
    "c7i.xlarge": 0.1785,
    "c7i.2xlarge": 0.357,
    "c6a.large": 0.0765,
    "c6a.xlarge": 0.153,
    "c6a.2xlarge": 0.306,
    "c6i.large": 0.085,
    "c6i.xlarge": 0.17,
    "c6i.2xlarge": 0.34,
    "c5.large": 0.085,
    "c5a.large": 0.077,
    "m7a.large": 0.11592,
    "m7i.large": 0.1008,
    "m6a.large": 0.0864,
    "m6i.large": 0.096,
    "t3.medium": 0.0416,
    "t3.large": 0.0832,
    "t3a.large": 0.0752,
    "g4dn.xlarge": 0.526,
    "g5.xlarge": 1.006,
    "g6.xlarge": 0.8048,
}

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
