"""The judgment over a bulk job. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.soak.pictures import color

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Found:
    """One run; the lists must be empty. `visits` are pictures that the origin was asked for: more than rows
    where a killed part's work was done again. Times in seconds."""

    rows: int
    status: str
    lines: int
    doubled: tuple[int, ...]
    missing: tuple[int, ...]
    wrong: tuple[str, ...]
    in_order: bool
    table_rows: int | None
    kills: dict[str, int]
    kills_meant: int
    visits: int
    recorded: int
    seconds: float
    left: dict[str, int]
    asked_again: int

    @property
    def holds(self) -> bool:
        """A line for every row, once, each right; and every part was killed."""
        whole = self.lines == self.rows and self.in_order and self.status == "succeeded"
        table = self.table_rows in (None, self.rows)
        told = not (self.doubled or self.missing or self.wrong or self.left)
        killed = sum(self.kills.values()) == self.kills_meant
        return whole and table and told and killed and self.recorded >= self.rows

    def as_json(self) -> dict[str, Any]:
        """Everything."""
        return {**asdict(self), "holds": self.holds}


def judged(rows: int, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The lists: which rows are there twice, not at all, or with something else than the picture is."""
    counts = Counter(int(line["row"]) for line in lines)
    return {
        "lines": len(lines),
        "doubled": tuple(row for row, count in counts.items() if count > 1),
        "missing": tuple(row for row in range(rows) if row not in counts),
        "wrong": tuple(
            f"{line['row']}: {line.get('result') or line.get('error')}"
            for line in lines
            if line.get("result") != color(int(line["row"]))
        ),
        "in_order": [line["row"] for line in lines] == sorted(counts),
    }


def shown(found: Found) -> str:
    """For people."""
    verdict = "holds" if found.holds else "DOES NOT HOLD"
    rate = found.rows / found.seconds
    killed = ", ".join(f"{part} {count}" for part, count in found.kills.items())
    text = [
        f"{found.rows:,} rows in {found.seconds:,.0f} s ({rate:,.0f}/s): {verdict}",
        f"  {found.status}: {found.lines:,} lines, {'in' if found.in_order else 'OUT OF'} order",
        f"  kill -9: {killed} ({found.kills_meant} meant)",
        f"  pictures fetched {found.visits:,}, records {found.recorded:,}, Parquet {found.table_rows}",
        f"  client asked again {found.asked_again} times; messages left {found.left or 'none'}",
    ]
    for name in ("doubled", "missing", "wrong"):
        bad = getattr(found, name)
        if bad:
            text.append(f"  {name}: {len(bad)}, {', '.join(map(str, bad[:SHOWN]))}")
    return "\n".join(text)
