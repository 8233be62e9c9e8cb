"""Writes a training run's folder; what is in it, and how it is read, is in `training.lab.run_folder`.

Only the checkpoint counts: it is replaced atomically after each epoch and within it, and a run killed
anywhere goes on from it.
"""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.atomic import sweep, write, writing
from training.errors import RunMismatch
from training.lab.run_folder import (
    CHECKPOINT,
    DESCRIPTION,
    LOG,
    SUMMARY,
    Row,
    RunFolder,
    as_csv,
    best_of,
)
from training.lab.run_folder import rows_done as rows_done
from training.step import Step, Trained


@dataclass
class Tally:
    """What is known of an epoch, from 0, after `batches` of it; sums over `pictures`."""

    epoch: int = 0
    batches: int = 0
    pictures: int = 0
    loss: float = 0.0
    top1: float = 0.0
    top5: float = 0.0
    rate: float = 0.0
    waiting: float = 0.0
    computing: float = 0.0

    def add(self, found: Trained, pictures: int, rate: float) -> None:
        """One more batch."""
        self.batches += 1
        self.pictures += pictures
        self.loss += found.loss * pictures
        self.top1 += found.top1 * pictures
        self.top5 += found.top5 * pictures
        self.rate = rate


@dataclass
class Run:
    """The folder of one run; `rows` are the epochs done, `tally` how far the next one is.

    A run may be made longer or shorter when it goes on: the rates then follow the new length.

    Raises:
        RunMismatch: the folder belongs to another run.
    """

    folder: Path
    identity: dict[str, Any]
    rows: list[Row] = field(default_factory=list, init=False)
    tally: Tally = field(default_factory=Tally, init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        sweep(self.folder)
        described = self.folder / DESCRIPTION
        if described.exists():
            _check(self.folder, _fixed(identity_of(self.folder)), _fixed(self.identity))
        write(described, json.dumps(self.identity, indent=2).encode())

    @property
    def checkpoint(self) -> Path:
        """Where the state lies from which it goes on."""
        return self.folder / CHECKPOINT

    @property
    def steps(self) -> int:
        """Updates so far."""
        return (self.rows[-1].steps if self.rows else 0) + self.tally.batches

    def look(self) -> None:
        """Read how far it is, before there is a step to restore."""
        if self.checkpoint.exists():
            with np.load(self.checkpoint) as state:
                self._read(state)

    def restore(self, step: Step) -> None:
        """Puts the last checkpoint's state into `step`; does nothing in a new run."""
        if not self.checkpoint.exists():
            return
        with np.load(self.checkpoint) as state:
            self._read(state)
            variables = _variables(step)
            if not {name for name, _ in variables} <= set(state.files):
                raise RunMismatch(f"{self.checkpoint} is of another version: give a new --out")
            for name, variable in variables:
                variable.assign(state[name])
        write(self.folder / LOG, self.log().encode())  # a kill may have come between the two

    def keep(self, step: Step) -> None:
        """Replaces the checkpoint."""
        state = {name: keras.ops.convert_to_numpy(value) for name, value in _variables(step)}
        rows = json.dumps([asdict(row) for row in self.rows])
        with writing(self.checkpoint) as file:
            np.savez(
                file, rows=np.array(rows), tally=np.array(json.dumps(asdict(self.tally))), **state
            )

    def save(self, step: Step, row: Row) -> None:
        """Adds the epoch's row and replaces the checkpoint and the log."""
        self.rows.append(row)
        self.tally = Tally(epoch=row.epoch)
        self.keep(step)
        write(self.folder / LOG, self.log().encode())

    def end(self, reason: str) -> None:
        """Says that there is no more to do, and why."""
        best = best_of(self.rows)
        said = {
            "reason": reason,
            "epochs": len(self.rows),
            "steps": self.steps,
            "best_epoch": best.epoch if best else None,
            "best": {name: _number(value) for name, value in asdict(best).items()} if best else {},
        }
        write(self.folder / SUMMARY, json.dumps(said, indent=2).encode())

    def log(self) -> str:
        """The rows as CSV with a header."""
        return as_csv(self.rows)

    def _read(self, state: Any) -> None:
        self.rows = [Row.of(row) for row in json.loads(str(state["rows"]))]
        self.tally = Tally(epoch=len(self.rows))
        if "tally" in state:
            self.tally = Tally(**json.loads(str(state["tally"])))


def identity_of(folder: Path) -> dict[str, Any]:
    """What run.json says; raises RunMismatch if the folder holds no run."""
    return RunFolder(folder).identity


def weights(checkpoint: Path) -> list[np.ndarray]:
    """The network's weights in the order of `keras.Model.set_weights`."""
    with np.load(checkpoint) as state:
        count = sum(name.startswith("weight-") for name in state.files)
        return [state[f"weight-{at}"] for at in range(count)]


def _variables(step: Step) -> list[tuple[str, keras.Variable]]:
    """All that a step changes: dropout's random state too, which is no weight."""
    known = {id(weight) for weight in step.model.weights}
    rest = [each for each in step.model.variables if id(each) not in known]
    parts = {"weight": step.model.weights, "random": rest, "state": step.optimizer.variables}
    return [(f"{name}-{at}", each) for name, part in parts.items() for at, each in enumerate(part)]


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _fixed(identity: dict[str, Any]) -> dict[str, Any]:
    """What may not change when a run goes on. Compared as JSON, which knows no tuples."""
    free = ("phases", "patience", "published", "grid")
    recipe = {name: value for name, value in identity["recipe"].items() if name not in free}
    return json.loads(json.dumps(identity | {"recipe": recipe}))  # type: ignore[no-any-return]


def _check(folder: Path, before: dict[str, Any], now: dict[str, Any]) -> None:
    if before == now:
        return
    whole = {**before, **before["recipe"]}, {**now, **now["recipe"]}
    other = [
        name
        for name in sorted(whole[0].keys() | whole[1].keys())
        if name != "recipe" and whole[0].get(name) != whole[1].get(name)
    ]
    raise RunMismatch(
        f"{folder} holds another run (not the same: {', '.join(other)}): "
        "give a new --out or its own recipe"
    )
