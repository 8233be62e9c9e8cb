"""What a balancer costs with so many workers, and the table that compares sizes. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

ALLOWED_MS = 50.0  # for one policy to plan
LOOK = "look"  # in a planning, all that comes before the policy

Planning = Mapping[str, Mapping[str, float]]
"""Milliseconds of CPU, `median` and `longest`, by policy; and of the look."""

REPORT_CALLS = ("ReceiveMessage", "DeleteMessageBatch")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of `ticks` ticks, `tick` seconds apart, with `workers` workers.

    `calls` counts calls by action, `reports` the reports that came, both in all. `cpu` is in seconds,
    of the whole process, `longest` the longest time between two ticks, in seconds. `seen` is the number of
    workers in the balancer's own last tick.
    """

    workers: int
    seen: int
    ticks: int
    tick: float
    cpu: float
    longest: float
    calls: Mapping[str, int]
    reports: int

    @property
    def cpu_a_tick(self) -> float:
        """Milliseconds of CPU."""
        return 1000 * self.cpu / self.ticks

    @property
    def core(self) -> float:
        """Share of one core, 0 to 1 and more."""
        return self.cpu / (self.ticks * self.tick)

    @property
    def report_calls(self) -> float:
        """Calls that take and remove reports, for one report."""
        return sum(self.calls.get(name, 0) for name in REPORT_CALLS) / max(1, self.reports)

    @property
    def pages(self) -> float:
        """Pages of the fleet a tick."""
        return self.calls.get("DescribeInstances", 0) / self.ticks

    @property
    def control_calls(self) -> float:
        """All calls a tick but those for reports and for pages of the fleet."""
        ours = {*REPORT_CALLS, "DescribeInstances"}
        return sum(count for name, count in self.calls.items() if name not in ours) / self.ticks

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {
            "cpu_ms_a_tick": self.cpu_a_tick,
            "core_share": self.core,
            "control_calls_a_tick": self.control_calls,
            "pages_a_tick": self.pages,
            "calls_a_report": self.report_calls,
        }


def slowest(found: Planning) -> float:
    """The longest time that any policy took, in milliseconds."""
    return max(times["longest"] for name, times in found.items() if name != LOOK)


def planning_table(found: Planning, workers: int) -> str:
    """A line for each policy."""
    head = f"{f'CPU at {workers:,} workers, ms':<34}{'median':>12}{'longest':>12}"
    rows = [
        f"{name:<34}{times['median']:>12.3f}{times['longest']:>12.3f}"
        for name, times in found.items()
    ]
    return "\n".join([head, *rows])


def table(costs: Sequence[Cost]) -> str:
    """A column for each size."""
    rows: list[tuple[str, list[str]]] = [
        ("workers", [f"{cost.workers:,}" for cost in costs]),
        ("workers that the balancer saw", [f"{cost.seen:,}" for cost in costs]),
        ("CPU a tick, ms", [f"{cost.cpu_a_tick:.0f}" for cost in costs]),
        ("share of a core", [f"{cost.core:.1%}" for cost in costs]),
        ("longest time between ticks, s", [f"{cost.longest:.1f}" for cost in costs]),
        ("reports a tick", [f"{cost.reports / cost.ticks:.1f}" for cost in costs]),
        ("calls a report", [f"{cost.report_calls:.3f}" for cost in costs]),
        ("pages of the fleet a tick", [f"{cost.pages:.1f}" for cost in costs]),
        ("all other calls a tick", [f"{cost.control_calls:.1f}" for cost in costs]),
    ]
    names = sorted({name for cost in costs for name in cost.calls})
    rows += [
        (f"  {name} a tick", [f"{cost.calls.get(name, 0) / cost.ticks:.2f}" for cost in costs])
        for name in names
    ]
    return "\n".join(
        f"{name:<34}" + "".join(f"{cell:>12}" for cell in cells) for name, cells in rows
    )
