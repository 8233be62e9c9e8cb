"""Calls to SQS."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deploy.cost.line import Line
from deploy.cost.load import MONTH_HOURS, Load
from deploy.cost.measured import Standing, Work
from deploy.cost.running import Running
from wire.prices import PriceList

if TYPE_CHECKING:
    from deploy.cost.shapes import Shape

MILLION = 1e6
PART = "queues (SQS)"


def standing(now: Running, work: Work, of: str) -> float:
    """Of all processes in an hour, whether anybody asks or not; `of` is a field of Standing."""

    def each(one: Standing) -> float:
        return float(getattr(one, of))

    return (
        now.workers * each(work.worker)
        + now.front_ends * each(work.front_end)
        + each(work.balancer)
    )


def of_a_picture(load: Load, shape: "Shape", work: Work) -> tuple[float, str]:
    """Calls, and where that is from."""
    if load.sqs_calls is not None:
        return load.sqs_calls, "as given"
    calls = work.calls_at(load.a_second, shape.worker_type)
    return calls, f"as measured at {load.a_second:,.3g}/s"


def sqs(load: Load, shape: "Shape", prices: PriceList, work: Work) -> Iterator[Line]:
    """Of pictures, and of processes that wait for some."""
    now, price = shape.running(load, shape, work), prices["sqs_million_calls"]
    calls, whence = of_a_picture(load, shape, work)
    millions = load.a_month * calls / MILLION
    said = f"{load.a_month:,.0f} x {calls:.2f}, {whence}"
    yield Line(PART, "calls for pictures", said, millions, "million", price)
    hourly = standing(now, work, "sqs_calls")
    told = f"{hourly:,.0f} an hour: polls, depth, reports"
    yield Line(PART, "calls at rest", told, hourly * MONTH_HOURS / MILLION, "million", price)
