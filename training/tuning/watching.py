"""How far a search is, on the terminal: a bar for all trials, and one for each that runs."""

from typing import Any

import optuna
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from training.tuning import ledger, results
from training.tuning.messages import Epoch

CONSOLE = Console(highlight=False, stderr=True)


class Terminal(Progress):
    """Draws while it is entered; `done` and `wanted` are trials."""

    def __init__(self, wanted: int) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        super().__init__(*columns, console=CONSOLE)
        self._all = self.add_task("trials", total=wanted)
        self._each: dict[int, TaskID] = {}
        self._wanted = wanted

    def begun(self, number: int, drawn: dict[str, Any]) -> None:
        """A bar of its own."""
        told = ", ".join(f"{name} {results.written(value)}" for name, value in drawn.items())
        self._each[number] = self.add_task(f"{number}: {told}", total=None)

    def epoch(self, number: int, done: Epoch) -> None:
        """That bar moves."""
        self.update(self._each[number], completed=done.epoch, total=done.planned)

    def ended(self, number: int, study: optuna.Study, said: str) -> None:
        """That bar goes; a line stays."""
        if (bar := self._each.pop(number, None)) is not None:
            self.remove_task(bar)
        trials = study.get_trials(deepcopy=False)
        done = min(len(ledger.settled(trials)), self._wanted)
        first = results.best(trials)
        top = (
            f"trials, best {first.value:.2%} ({first.number})"
            if first and first.value
            else "trials"
        )
        self.update(self._all, completed=done, description=top)
        CONSOLE.print(f"trial {number}: {said}", soft_wrap=True, markup=False)
