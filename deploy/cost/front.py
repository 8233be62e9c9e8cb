"""What stands between clients and the queue: replicas of the front end, and the load balancer."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from deploy.cost.fleet import instances
from deploy.cost.line import Line
from deploy.cost.load import HOUR, MONTH_HOURS, Load
from deploy.cost.measured import Work
from wire.prices import PriceList

if TYPE_CHECKING:
    from deploy.cost.shapes import Shape

BUSY = 0.7  # of the one core that a replica uses, where its group adds another: 35 % of two
BASELINE = (
    0.4  # cores that a t3 or t3a of that size may use all day; beyond it, credits are paid for
)
LCU_CONNECTIONS = 25.0  # new ones a second
LCU_BYTES = 1e9  # an hour
EDGE = "load balancer"


def replica_count(load: Load, shape: "Shape", work: Work) -> tuple[int, str]:
    """Replicas by the mean of a day, and why so many; their group follows the load."""
    ms = work.ms_on(shape.api_type)
    cores = load.a_second * ms / 1000
    needed = math.ceil(cores / BUSY)
    if needed <= shape.api_min:
        return shape.api_min, f"ApiMin; {cores:.2g} cores busy"
    return needed, f"{load.a_second:,.0f}/s x {ms:.3g} ms = {cores:.2g} cores, {BUSY:g} a replica"


def replicas(load: Load, shape: "Shape", prices: PriceList, work: Work) -> Iterator[Line]:
    """The front end's group."""
    count, why = replica_count(load, shape, work)
    yield from instances("front end", shape.api_type, "on-demand", count, why, shape, prices)
    if shape.api_type.startswith("t3"):
        each = load.a_second * work.ms_on(shape.api_type) / 1000 / count
        over = max(0.0, each - BASELINE) * count
        said = f"{each:.2f} cores a replica, {BASELINE:g} of them free; x {MONTH_HOURS:g} h"
        hours = over * MONTH_HOURS
        yield Line("front end", "CPU credits", said, hours, "core-h", prices["t3_core_hour"])


def capacity_units(load: Load, work: Work) -> tuple[float, str]:
    """LCUs at the day's mean: the dearest of their measures."""
    connections = load.a_second / load.requests_per_connection / LCU_CONNECTIONS
    bytes_an_hour = load.a_second * HOUR * (work.answer_bytes + work.request_bytes)
    sizes = bytes_an_hour / LCU_BYTES
    if connections > sizes:
        said = f"{load.a_second:,.2f}/s / {load.requests_per_connection:g} a connection / 25"
        return connections, said
    each = work.answer_bytes + work.request_bytes
    return sizes, f"{load.a_second:,.2f}/s x {each:,.0f} bytes x 3,600 s / 1 GB"


def load_balancer(load: Load, shape: "Shape", prices: PriceList, work: Work) -> Iterator[Line]:
    """Its hours, its capacity units, its addresses, and the zone that leads to it."""
    yield Line(EDGE, "hours", f"1 x {MONTH_HOURS:g} h", MONTH_HOURS, "h", prices["alb_hour"])
    units, why = capacity_units(load, work)
    said = f"{units:,.3g} x {MONTH_HOURS:g} h; {why}"
    yield Line(EDGE, "capacity units", said, units * MONTH_HOURS, "LCU-h", prices["alb_lcu_hour"])
    hours = shape.zones * MONTH_HOURS
    told = f"{shape.zones} zones x {MONTH_HOURS:g} h"
    yield Line(EDGE, "public IPv4 addresses", told, hours, "h", prices["ipv4_hour"])
    yield Line(EDGE, "hosted zone", "1, with a domain", 1, "month", prices["zone_month"])
