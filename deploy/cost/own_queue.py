"""The single host's own queue: the calls that would be SQS's, and what of the host they take."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deploy.cost.line import Line
from deploy.cost.load import MONTH_HOURS, Load
from deploy.cost.measured import Work
from deploy.cost.queues import MILLION, of_a_picture, standing
from wire.prices import PriceList

if TYPE_CHECKING:
    from deploy.cost.shapes import Shape

PART = "queue (on the host)"
FREE = 0.0  # dollars: within the host's hours and its volume
INCLUDED = 3000  # writes a second of every gp3 volume (Amazon EBS User Guide, General Purpose SSD)


def own(load: Load, shape: "Shape", _prices: PriceList, work: Work) -> Iterator[Line]:
    """Each thing it takes, with nothing to pay for it."""
    calls, whence = of_a_picture(load, shape, work)
    hourly = standing(shape.running(load, shape, work), work, "sqs_calls")
    millions = (load.a_month * calls + hourly * MONTH_HOURS) / MILLION
    said = f"{load.a_month:,.0f} x {calls:.2f}, {whence}, and {hourly:,.0f} an hour at rest"
    yield Line(PART, "calls to 127.0.0.1", f"{said}; nobody asks money", millions, "million", FREE)
    ms = work.queue_ms_at(load.a_second)
    cores = load.a_second * ms / 1000
    told = f"{load.a_second:,.2f}/s x {ms:.2g} ms = {cores:.1%} of a core, within the host's hours"
    yield Line(PART, "CPU", told, cores * MONTH_HOURS, "core-h", FREE)
    writes = load.a_second * calls
    wrote = f"{load.a_second:,.2f}/s x {calls:.2f} = {writes:,.0f} a second at most"
    wrote += f", of {INCLUDED:,} that the host's volume may"
    yield Line(PART, "writes", wrote, load.a_month * calls / MILLION, "million", FREE)
