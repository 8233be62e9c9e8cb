"""What came of a search: a row for each trial, and the picture of all."""

import csv
import io
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from training.atomic import write
from training.tuning import ledger

TABLE = "trials.csv"
PICTURES = ("parallel-coordinates.svg", "parallel-coordinates.png")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One trial: `state` in a word, `value` top-1 in 0..1 (of the last epoch where it was ended early)."""

    number: int
    state: str
    value: float | None
    epochs: int
    params: dict[str, Any]
    run: str
    note: str


def outcomes(trials: Sequence[FrozenTrial]) -> list[Outcome]:
    """In the order of their numbers."""
    again = {
        int(t.user_attrs[ledger.AGAIN_OF]): t.number
        for t in trials
        if ledger.AGAIN_OF in t.user_attrs
    }
    return [_outcome(trial, again.get(trial.number)) for trial in trials]


def best(trials: Sequence[FrozenTrial]) -> FrozenTrial | None:
    """The first of those with the highest value; None where none is done."""
    done = [each for each in trials if each.state is TrialState.COMPLETE and each.value is not None]
    return max(done, key=lambda each: (each.value or 0.0, -each.number), default=None)


def table(found: Sequence[Outcome]) -> str:
    """As CSV with a header."""
    names = sorted({name for each in found for name in each.params})
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["trial", "state", "top1", "epochs", *names, "run", "note"])
    for each in found:
        value = "" if each.value is None else f"{each.value:.6f}"
        drawn = [each.params.get(name, "") for name in names]
        lines.writerow([each.number, each.state, value, each.epochs, *drawn, each.run, each.note])
    return text.getvalue()


def shown(found: Sequence[Outcome]) -> str:
    """For people: columns."""
    names = sorted({name for each in found for name in each.params})
    rows = [("trial", "", "top-1", "epochs", *names)]
    for each in found:
        value = "-" if each.value is None else f"{each.value:.2%}"
        drawn = tuple(written(each.params.get(name)) for name in names)
        rows.append((str(each.number), each.state, value, str(each.epochs), *drawn))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def keep(study: optuna.Study, folder: Path) -> list[Path]:
    """Writes the table and, where two trials or more are done, the picture; what was written."""
    trials = study.get_trials(deepcopy=False)
    write(folder / TABLE, table(outcomes(trials)).encode())
    written = [folder / TABLE]
    if sum(each.state is TrialState.COMPLETE for each in trials) >= 2:
        for name in PICTURES:
            _draw(study, folder / name)
            written.append(folder / name)
    return written


def _outcome(trial: FrozenTrial, successor: int | None) -> Outcome:
    words = {
        TrialState.COMPLETE: "done",
        TrialState.PRUNED: "ended early",
        TrialState.FAIL: "failed" if successor is None else f"lost, again as {successor}",
        TrialState.RUNNING: "runs",
        TrialState.WAITING: "waits",
    }
    reached = trial.intermediate_values
    value = (
        trial.value if trial.state is TrialState.COMPLETE else reached.get(max(reached, default=0))
    )
    same = trial.user_attrs.get(ledger.SAME_AS)
    note = f"as {same}" if same is not None else str(trial.user_attrs.get(ledger.BECAUSE, ""))
    epochs = max(reached, default=0)
    run = str(trial.user_attrs.get(ledger.RUN, ""))
    return Outcome(trial.number, words[trial.state], value, epochs, trial.params, run, note)


def _draw(study: optuna.Study, path: Path) -> None:
    os.environ["MPLBACKEND"] = "Agg"
    from matplotlib import pyplot
    from optuna.visualization.matplotlib import plot_parallel_coordinate

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        axes = plot_parallel_coordinate(study, target_name="top-1")
    for lines in axes.collections:
        lines.set_cmap("viridis_r")  # Optuna's own begins with white
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.set_size_inches(2.5 + 1.8 * len(study.best_params), 5)
    drawn = io.BytesIO()
    figure.savefig(drawn, format=path.suffix[1:], bbox_inches="tight", dpi=110)
    pyplot.close(figure)
    write(path, drawn.getvalue())


def written(value: object) -> str:
    """A drawn value in a few characters."""
    return f"{value:.4g}" if isinstance(value, float) else "-" if value is None else str(value)
