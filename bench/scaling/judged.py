"""Which of our runs dominate which of the rivals', setting by setting, trace by trace, boot by boot."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.scaling.dominance import dominates

Cell = tuple[str, float]  # trace, boot time in seconds


@dataclass(frozen=True, slots=True)
class Run:
    """One simulation: p99 wait in seconds, billed worker-hours, dollars, changes of direction.

    `setting` is what the policy aimed at in this run, as it is called in a table.
    """

    policy: str
    trace: str
    boot: float
    wait: float
    hours: float
    cost: float
    turns: int
    setting: str = ""

    @property
    def cell(self) -> Cell:
        return self.trace, self.boot

    def __str__(self) -> str:
        return f"{self.wait:.1f} s, {self.hours:.2f} h"


def cells(runs: Iterable[Run]) -> list[Cell]:
    return list(dict.fromkeys(run.cell for run in runs))


def by_us(ours: Sequence[Run], rivals: Sequence[Run]) -> Iterator[str]:
    """For each cell the settings of a rival that none of ours dominates, "all" where there is no such."""
    for cell in cells(rivals):
        mine = [run for run in ours if run.cell == cell]
        standing = [
            rival.setting
            for rival in rivals
            if rival.cell == cell and not any(dominates(run, rival) for run in mine)
        ]
        yield f"not {', '.join(standing)}" if standing else "all"


def of_us(ours: Sequence[Run], rivals: Sequence[Run]) -> Iterator[str]:
    """For each cell the settings of a rival that dominate every one of ours."""
    for cell in cells(rivals):
        mine = [run for run in ours if run.cell == cell]
        beaten = [
            rival.setting
            for rival in rivals
            if rival.cell == cell and all(dominates(rival, run) for run in mine)
        ]
        yield ", ".join(beaten) or "none"
