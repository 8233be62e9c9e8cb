"""What `classifycloud simulate` prints and draws."""

import json
from collections.abc import Iterable, Sequence
from functools import partial
from html import escape
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from balancer.simulator.cases import Case
from balancer.simulator.outcome import Outcome
from balancer.simulator.run import simulate

Result = tuple[Case, Outcome]
COLUMNS = (
    "policy", "p50", "p95", "p99", "max", "missed", "hours", "$", "launched", "drained", "turns",
)  # fmt: skip
LEGEND = (
    "p50 to max: seconds from enqueueing to start of work; missed: deadlines; hours: of workers, billed; "
    "turns: from launching to draining or back"
)
PAGE = (
    """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{about}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse }} td, th {{ padding: .2rem .7rem; text-align: right }}
td:first-child, th:first-child {{ text-align: left }} tr + tr {{ border-top: 1px solid #ddd }}
svg {{ width: 100%; height: auto }}
</style>
<h1>{about}</h1>
<table><tr>{head}</tr>{rows}</table>
<p>"""
    + LEGEND
    + """</p>
{picture}
</html>
"""
)


def results(cases: Sequence[Case], series: bool) -> Iterable[Result]:
    """Run them one by one, with a progress bar on a terminal."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        for case in cases:
            task = bar.add_task(
                f"{case.policy_name}, {case.trace.name}, boot {case.world.boot_seconds:g} s",
                total=case.trace.duration,
            )
            yield (
                case,
                simulate(
                    case.trace,
                    case.policy,
                    case.limits,
                    case.world,
                    partial(_advance, bar, task),
                    series=series,
                ),
            )
            bar.remove_task(task)


def _advance(bar: Progress, task: TaskID, seconds: float) -> None:
    bar.update(task, completed=seconds)


def as_line(case: Case, outcome: Outcome, series: bool) -> str:
    """A run as one line of JSON; what it was, then its figures."""
    about = {
        "policy": case.policy_name,
        "trace": case.trace.name,
        "boot": case.world.boot_seconds,
        "service_time": case.world.service_seconds,
        "max_workers": case.limits.max_workers,
    }
    return json.dumps(about | outcome.as_json(series))


def tables(done: Sequence[Result]) -> list[Table]:
    """A table for each trace and boot time."""
    groups: dict[str, list[Result]] = {}
    for case, outcome in done:
        groups.setdefault(title(case), []).append((case, outcome))
    return [table(text, rows) for text, rows in groups.items()]


def title(case: Case) -> str:
    """What was run, but for the policy."""
    return (
        f"{case.trace.name}, {case.trace.duration:,.0f} s; boot {case.world.boot_seconds:g} s, "
        f"{case.world.service_seconds:g} s a picture, W_max {case.limits.max_workers}"
    )


def drawn(done: Sequence[Result], path: Path) -> None:
    """Write the picture, a PNG or a page."""
    from balancer.simulator.picture import Drawn, draw, svg

    runs = [Drawn(case.policy_name, outcome) for case, outcome in done]
    about = title(done[0][0])
    if path.suffix == ".png":
        draw(runs, about, path)
        return
    path.write_text(page(about, svg(runs, about), done), encoding="utf-8")


def page(about: str, picture: str, done: Sequence[Result]) -> str:
    """A page that needs nothing else."""
    head = "".join(f"<th>{escape(column)}</th>" for column in COLUMNS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in (case.policy_name, *cells(outcome)))
        for case, outcome in done
    )
    return PAGE.format(about=escape(about), head=head, rows=rows, picture=picture)


def table(about: str, rows: Sequence[Result]) -> Table:
    """Policies beside each other; waits in seconds."""
    shown = Table(
        title=about,
        title_justify="left",
        caption=LEGEND,
        caption_justify="left",
        box=SIMPLE,
        padding=0,
    )
    for number, column in enumerate(COLUMNS):
        shown.add_column(column, justify="left" if number == 0 else "right")
    for case, outcome in rows:
        shown.add_row(case.policy_name, *cells(outcome))
    return shown


def cells(outcome: Outcome) -> list[str]:
    """The figures of one row."""
    waits = (outcome.wait_p50, outcome.wait_p95, outcome.wait_p99, outcome.wait_max)
    counts = (outcome.launches, outcome.scale_ins, outcome.direction_changes)
    return [
        *(f"{wait:.1f}" if wait >= 1 else f"{wait:.2f}" for wait in waits),
        str(outcome.deadline_misses),
        f"{outcome.worker_hours:.2f}",
        f"{outcome.cost:.3f}",
        *map(str, counts),
    ]
