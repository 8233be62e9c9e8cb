"""Metrics, alarms, dashboard, logs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deploy.cost.line import Line
from deploy.cost.load import MONTH_HOURS, Load
from deploy.cost.measured import Work
from wire.prices import PriceList

if TYPE_CHECKING:
    from deploy.cost.shapes import Shape

PART = "CloudWatch"
GB = 1e9


def watched(load: Load, shape: "Shape", prices: PriceList, work: Work) -> Iterator[Line]:
    """Everything that CloudWatch asks money for."""
    yield Line(PART, "metrics", str(shape.metrics), shape.metrics, "month", prices["metric_month"])
    yield Line(PART, "alarms", str(shape.alarms), shape.alarms, "month", prices["alarm_month"])
    yield Line(PART, "dashboard", "1", 1, "month", prices["dashboard_month"])
    calls = MONTH_HOURS * 60 / 1000
    said = "one a minute, of the balancer that leads"
    yield Line(
        PART, "calls that put metrics", said, calls, "thousand", prices["metric_thousand_calls"]
    )
    yield from _logs(load, shape, prices, work)


def _logs(load: Load, shape: "Shape", prices: PriceList, work: Work) -> Iterator[Line]:
    share = (
        load.log_share + 2 * load.failures
    )  # a failure is told by the worker and by the front end
    lines = load.a_month * share
    now = shape.running(load, shape, work)
    resting = (now.workers + now.front_ends + 1) * MONTH_HOURS * work.log_lines_an_hour
    size = (lines + resting) * work.log_line_bytes / GB
    said = (
        f"({load.a_month:,.0f} x {share:.2%} + {resting:,.0f} at rest) lines x "
        f"{work.log_line_bytes:.0f} bytes"
    )
    yield Line(PART, "logs taken in", said, size, "GB", prices["logs_gb"])
    kept = size * shape.log_days * 24 / MONTH_HOURS
    told = f"{size:,.3g} GB a month, {shape.log_days:g} days"
    yield Line(PART, "logs kept", told, kept, "GB-month", prices["logs_gb_month"])
