"""What was found, as tables in Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from bench.scale.projection import Fleet, Quotas
from bench.scale.window import Window


class Base(NamedTuple):
    """What others are compared with, by its name: pictures a second, CPU milliseconds a picture."""

    name: str
    per_second: float
    service_ms: float


def first(found: Mapping[int, Window]) -> Base:
    """The window of the least number."""
    least = found[min(found)]
    return Base("the first", least.per_second, least.service_ms)


def middle(found: Mapping[int, Window]) -> Base:
    """The median over all windows, of each figure by itself."""
    every = found.values()
    rate = median(window.per_second for window in every)
    return Base("the median", rate, median(window.service_ms for window in every))


def windows(differ: str, found: Mapping[int, Window], base: Base) -> str:
    """A row for each window, beside `base`; `differ` names what they differ in."""
    head = (
        differ,
        "pictures/s",
        f"of {base.name}",
        "CPU ms",
        f"of {base.name}",
        "SQS calls",
        "PUTs",
        "others",
        "waited",
    )
    rows = [
        (
            f"{number:,}",
            f"{window.per_second:.1f}",
            f"{window.per_second / base.per_second:.3f}",
            f"{window.service_ms:.2f}",
            f"{window.service_ms / base.service_ms:.3f}",
            f"{window.sqs:.3f}",
            f"{window.puts:.4f}",
            f"{100 * window.foreign:.0f} %",
            f"{median(window.waiting):,.0f}" if window.waiting else "",
        )
        for number, window in sorted(found.items())
    ]
    return _markdown(head, rows)


def fleets(found: Sequence[Fleet], quotas: Quotas) -> str:
    """A column for each fleet."""
    head = ("", *(f"{fleet.instances:,} × {quotas.instance_type}" for fleet in found))
    lines = (
        ("pictures/s", *(f"{fleet.per_second:,.0f}" for fleet in found)),
        ("SQS calls/s (no limit)", *(f"{fleet.sqs_calls:,.0f}" for fleet in found)),
        (
            f"in flight at most (of {quotas.sqs_in_flight:,})",
            *(f"{fleet.in_flight:,} ({_percent(fleet.in_flight_share)})" for fleet in found),
        ),
        (
            f"PUTs/s (of {quotas.s3_puts_a_second:,} a prefix)",
            *(f"{fleet.puts:,.1f} ({_percent(fleet.puts_share)})" for fleet in found),
        ),
        (
            f"vCPUs (of {quotas.ec2_vcpus:,} by default)",
            *(f"{fleet.vcpus:,} ({_percent(fleet.vcpus_share)})" for fleet in found),
        ),
        ("launched from none within", *(f"{fleet.launch_seconds:,.0f} s" for fleet in found)),
        ("cores of front ends", *(f"{fleet.front_end_cores:,.1f}" for fleet in found)),
        ("workers, $ a million", *(f"{fleet.workers_dollars:.2f}" for fleet in found)),
        ("the same on spot", *(f"{fleet.spot_dollars:.2f}" for fleet in found)),
        ("SQS, $ a million", *(f"{fleet.sqs_dollars:.2f}" for fleet in found)),
        ("S3, $ a million", *(f"{fleet.s3_dollars:.2f}" for fleet in found)),
    )
    return _markdown(head, lines)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 1 else f"{share:,.0f}×"


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
