"""Objects put, read and kept in S3; bytes that leave for the Internet."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deploy.cost.line import Line
from deploy.cost.load import DAYS, MONTH_HOURS, Load
from deploy.cost.measured import Work
from deploy.cost.queues import MILLION, standing
from wire.prices import PriceList

if TYPE_CHECKING:
    from deploy.cost.shapes import Shape

PART = "store (S3)"
OUT = "data out"
GB = 1e9
TICK_DAYS = 30.0
# GB a month that have each price; what is above all of them has the last one.
TIERS = (("out_gb_first", 10_240.0), ("out_gb_second", 40_960.0), ("out_gb_third", 102_400.0))


def requests(load: Load, shape: "Shape", prices: PriceList, work: Work) -> Iterator[Line]:
    """PUTs of records; what leases, ledgers, keys and models are asked for anyway."""
    now = shape.running(load, shape, work)
    puts = work.puts_at(load.a_second / max(1.0, now.workers))
    each = prices["s3_million_puts"]
    said = f"{load.a_month:,.0f} x {puts:.4f}: one a second, or 256 lines"
    yield Line(PART, "PUTs of records", said, load.a_month * puts / MILLION, "million", each)
    hourly = standing(now, work, "puts")
    told = f"{hourly:,.0f} an hour: lease, ledger, ticks"
    yield Line(PART, "PUTs at rest", told, hourly * MONTH_HOURS / MILLION, "million", each)
    hourly = standing(now, work, "gets")
    told = f"{hourly:,.0f} an hour: keys, models, the operator's word"
    price = prices["s3_million_gets"]
    yield Line(PART, "GETs at rest", told, hourly * MONTH_HOURS / MILLION, "million", price)


def stored(load: Load, _shape: "Shape", prices: PriceList, work: Work) -> Iterator[Line]:
    """Records and ticks for as long as they are kept, once the first of them have expired."""
    gigabytes = load.pictures_a_day * work.record_bytes * load.record_days / GB
    said = f"{load.pictures_a_day:,.0f} x {work.record_bytes:.0f} bytes x {load.record_days:g} days"
    yield Line(PART, "records kept", said, gigabytes, "GB-month", prices["s3_gb_month"])
    ticks = work.tick_bytes * 12 * 60 * 24 * TICK_DAYS / GB
    told = f"12 a minute x {work.tick_bytes:.0f} bytes x {TICK_DAYS:g} days"
    yield Line(PART, "ticks kept", told, ticks, "GB-month", prices["s3_gb_month"])


def sent(load: Load, _shape: "Shape", prices: PriceList, work: Work) -> Iterator[Line]:
    """Answers to clients, and what asking for a picture takes; pictures themselves come in, which is free."""
    for what, size in (("answers", work.answer_bytes), ("fetching", work.fetch_bytes)):
        gigabytes = load.a_month * size / GB
        total = load.a_month * (work.answer_bytes + work.fetch_bytes) / GB
        said = f"{load.pictures_a_day:,.0f} x {DAYS:.4g} days x {size:,.0f} bytes"
        yield Line(OUT, what, said, gigabytes, "GB", _mean_price(total, prices))


def _mean_price(gigabytes: float, prices: PriceList) -> float:
    """Dollars for a GB where so many leave in a month."""
    left, paid = gigabytes, 0.0
    for name, size in TIERS:
        taken = min(left, size)
        paid, left = paid + taken * prices[name], left - taken
    paid += left * prices["out_gb_beyond"]
    return paid / gigabytes if gigabytes else prices["out_gb_first"]
