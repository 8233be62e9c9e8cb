"""Figures of engines, and what is told of them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Cell:
    """So many `pictures` in `seconds` by the clock, with `cpu` seconds of all threads."""

    pictures: int
    seconds: float
    cpu: float

    @property
    def per_second(self) -> float:
        return self.pictures / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU for a picture."""
        return 1000 * self.cpu / self.pictures


@dataclass(frozen=True, slots=True)
class Row:
    """One engine at one size of batch: medians over the rounds.

    `share` is of the cores' measured peak in the engine's number format, by CPU time, so that it says
    little of what else ran: 1 would be a network that computes without a pause. `ratio` is of the
    pictures a second of the best row.
    """

    engine: str
    batch: int
    per_second: float
    cpu_ms: float
    share: float | None
    ratio: float


def rows(
    cells: Mapping[tuple[str, int], Sequence[Cell]],
    peaks: Mapping[str, float],
    gmacs: float,
) -> list[Row]:
    """Rows in the order of `cells`.

    Args:
        cells: of (engine, batch), one for each round.
        peaks: engine -> multiply-adds in billions that a second of one core's CPU can do.
        gmacs: multiply-adds in billions that a picture takes.
    """
    paces = {key: median(cell.per_second for cell in found) for key, found in cells.items()}
    best = max(paces.values())
    told = []
    for (engine, batch), found in cells.items():
        cpu_ms = median(cell.cpu_ms for cell in found)
        peak = peaks.get(engine)
        told.append(
            Row(
                engine,
                batch,
                paces[engine, batch],
                cpu_ms,
                None if peak is None else 1000 * gmacs / cpu_ms / peak,
                paces[engine, batch] / best,
            )
        )
    return told


def markdown(found: Iterable[Row]) -> str:
    """A table for docs/benchmarks.md."""
    lines = [
        "| engine | batch | pictures/s | CPU ms each | of the cores' peak | of the best here |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for row in found:
        share = "–" if row.share is None else f"{100 * row.share:.0f} %"
        lines.append(
            f"| {row.engine} | {row.batch} | {row.per_second:.1f} | {row.cpu_ms:.1f} | {share} "
            f"| {row.ratio:.2f} |"
        )
    return "\n".join(lines)
