"""What instances cost: their hours, their addresses, their volumes."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from deploy.cost.line import Line
from deploy.cost.load import MONTH_HOURS, Load
from deploy.cost.measured import Work
from deploy.cost.prices import instance
from wire.prices import PriceList

if TYPE_CHECKING:
    from deploy.cost.shapes import Shape

LINGERS = 90.0  # seconds a last worker stays after the last picture, by the default policy


def worker_count(load: Load, shape: "Shape", work: Work) -> tuple[float, str]:
    """Workers that are paid for, by the mean of a day, and why so many.

    Where pictures are few, a worker is there as long as the last one was less than LINGERS ago; with pictures
    that come at random that is a share of 1 - exp(-rate x LINGERS) of the time.
    """
    rate = work.a_second(shape.worker_type)
    needed = load.a_second / (rate * load.utilization)
    there = 1 - math.exp(-load.a_second * LINGERS)
    most = max(float(shape.min_workers), there, needed)
    if most == needed:
        return needed, f"{load.a_second:,.2f}/s / ({rate:g}/s x {load.utilization:.0%})"
    if most == there:
        return there, f"1 - exp(-{load.a_second:.3g}/s x {LINGERS:g} s): mostly idle"
    return most, f"MinWorkers {shape.min_workers}"


def workers(load: Load, shape: "Shape", prices: PriceList, work: Work) -> Iterator[Line]:
    """Hours of workers."""
    count, why = worker_count(load, shape, work)
    yield from instances("workers", shape.worker_type, shape.market, count, why, shape, prices)


def balancer(_load: Load, shape: "Shape", prices: PriceList, _work: Work) -> Iterator[Line]:
    """The group of one."""
    yield from instances("balancer", shape.balancer_type, "on-demand", 1, "one", shape, prices)


def host(load: Load, shape: "Shape", prices: PriceList, work: Work) -> Iterator[Line]:
    """One instance for everything; and as many more as are needed where one is not enough."""
    rate = of_host(shape, 1, work)
    needed = load.a_second / (rate * load.utilization)
    why = f"{load.a_second:,.2f}/s of {rate:.3g}/s: {needed:.0%} of what it is good for"
    if needed > 1:
        why += ", TOO MUCH for one; take the profile `service`"
    count = math.ceil(max(1.0, needed))
    yield from instances("host", shape.host_type, "on-demand", count, why, shape, prices)


def of_fleet(shape: "Shape", most: int, work: Work) -> float:
    """Pictures a second of so many workers that are always busy."""
    return most * work.a_second(shape.worker_type)


def of_host(shape: "Shape", _most: int, work: Work) -> float:
    """Pictures a second of the one host, with all else that runs on it."""
    return work.a_second(shape.host_type) * work.host_share


def instances(
    part: str,
    kind: str,
    market: str,
    count: float,
    why: str,
    shape: "Shape",
    prices: PriceList,
) -> Iterator[Line]:
    """Of so many instances: hours, public addresses (in the place of a NAT gateway), volumes.

    Raises:
        UnknownType: the type has no price.
    """
    hours = count * MONTH_HOURS
    said = f"{count:,.4g} x {MONTH_HOURS:g} h"
    price = instance(prices, kind, market)
    yield Line(part, f"{kind}, {market}", f"{said}; {why}", hours, "h", price)
    yield Line(part, "public IPv4 addresses", said, hours, "h", prices["ipv4_hour"])
    volume = f"{count:,.4g} x {shape.volume_gb:g} GB"
    size = count * shape.volume_gb
    yield Line(part, "volumes (gp3)", volume, size, "GB-month", prices["ebs_gb_month"])
