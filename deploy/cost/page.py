"""The tables of docs/operations.md, computed.

`python -m deploy.cost.page docs/operations.md` puts them there; a test compares.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from deploy.cost.bill import MILLION, Bill, billed
from deploy.cost.line import Line
from deploy.cost.load import Load
from deploy.cost.shapes import SHAPES
from wire.prices import listed

BEGIN = "<!-- From here by `python -m deploy.cost.page docs/operations.md`: a test compares it. -->"
END = "<!-- To here. -->"


class Case(NamedTuple):
    """A column of the first table.

    Args:
        other: than the stack's defaults, by the names of Shape's fields.
        goal: dollars a million that were asked for.
    """

    pictures_a_day: float
    profile: str
    other: Mapping[str, str]
    goal: float | None

    def bill(self) -> Bill:
        """At list prices."""
        shape = replace(SHAPES[self.profile], **self.other)  # type: ignore[arg-type]
        return billed(Load(self.pictures_a_day), shape, listed())


SMALL = {"worker_type": "c7a.medium"}
# A worker puts its records once a second however fast it is, and has one address: few large ones ask less.
LARGE = {"worker_type": "c7a.2xlarge"}
CASES = (
    Case(1e4, "service", SMALL, None),
    Case(1e4, "single-host", {}, None),
    Case(1e6, "service", SMALL, 6.0),
    Case(1e6, "single-host", {}, 3.0),
    Case(1e8, "service", LARGE, 1.2),
)
IN_FULL = (1, 2, 3, 4)  # of CASES, those whose every line is shown


def bills() -> list[Bill]:
    """One for each case, at list prices."""
    return [case.bill() for case in CASES]


def section() -> str:
    """What stands between the two marks."""
    found = bills()
    parts = [_sums(found), *(_lines(found[at]) for at in IN_FULL)]
    return "\n\n".join(parts)


def written(text: str) -> str:
    """A page with the section in it; ValueError where it has no marks."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no lines {BEGIN!r} and {END!r}")
    return f"{head}{BEGIN}\n\n{section()}\n\n{END}{tail}"


def _sums(found: Sequence[Bill]) -> str:
    """Dollars a month by part, a column for each case."""
    parts = list(dict.fromkeys(part for bill in found for part in bill.by_part()))
    head = ["$ a month", *(f"{_short(b.load.pictures_a_day)} a day, {b.shape.name}" for b in found)]
    rows = [[part, *(_money(bill.by_part().get(part)) for bill in found)] for part in parts]
    rows.append(["**a month**", *(f"**{bill.a_month:,.2f}**" for bill in found)])
    rows.append(["a day", *(f"{bill.a_day:,.2f}" for bill in found)])
    rows.append(["**a million pictures**", *(f"**{bill.a_million:,.2f}**" for bill in found)])
    rows.append(["asked", *("" if case.goal is None else f"{case.goal:.2f}" for case in CASES)])
    return _markdown(head, rows)


def _lines(bill: Bill) -> str:
    """Every line of one."""
    load = bill.load
    head = ["", "", "how much a month", "$ for one", "$ a month", "$ a million"]
    rows = [
        [
            line.part if first else "",
            line.what,
            f"{line.quantity:,.4g} {line.unit} ({line.formula})",
            f"{line.price:.4g}",
            f"{line.month:,.2f}",
            f"{line.month / load.a_month * MILLION:,.3f}",
        ]
        for first, line in _firsts(bill)
    ]
    title = f"**{_short(load.pictures_a_day)} pictures a day, profile `{bill.shape.name}`**"
    return f"{title}\n\n{_markdown(head, rows)}"


def _firsts(bill: Bill) -> Iterator[tuple[bool, Line]]:
    before = ""
    for line in bill.lines:
        yield line.part != before, line
        before = line.part


def _short(count: float) -> str:
    return f"{count / MILLION:g} million" if count >= MILLION else f"{count:,.0f}"


def _money(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    ruler = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruler, *rows))


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")
