"""The one list of what AWS asks, `prices.json`: for the budget, `classifycloud cost` and the benches."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("prices.json")


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for one `unit` (`spot_share` and `emr_share`: a share), and where that was read."""

    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class PriceList:
    """Prices by name, instances' dollars an hour on demand by type, and spot's where they are known."""

    region: str
    looked_up: str
    values: Mapping[str, Price]
    instances: Mapping[str, float]
    spot: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        """Dollars by a price's name; KeyError where there is none."""
        return self.values[name].value

    def hourly(self, kind: str, market: str = "on-demand") -> float | None:
        """Dollars for an hour of an instance, `on-demand` or `spot`; None when nobody knows."""
        if market == "spot" and kind in self.spot:
            return self.spot[kind]
        whole = self.instances.get(kind)
        return whole if whole is None or market != "spot" else whole * self["spot_share"]


@cache
def listed() -> PriceList:
    """The list as it comes with the package."""
    said = json.loads(FILE.read_text(encoding="utf-8"))
    values = {name: Price(**each) for name, each in said["values"].items()}
    return PriceList(said["region"], said["looked_up"], values, said["instances"])
