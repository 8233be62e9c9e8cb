"""The training loop: epochs over batches, a checkpoint after each."""

import time
from pathlib import Path

import keras
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from training import batches, dataset
from training.backend import for_backend
from training.dataset import Split
from training.metrics import Accuracy, accuracy
from training.recipes import Recipe
from training.run import Row, Run
from training.schedule import one_cycle
from training.step import Step

CONSOLE = Console(highlight=False)


def fit(recipe: Recipe, data: Path, cache: Path, out: Path, seed: int) -> Run:
    """Trains, or goes on with, the run in `out`; returns it finished.

    Raises DataMissing, RunMismatch. Interrupt it anywhere: the same call goes on.
    """
    backend = keras.backend.backend()
    identity = {"recipe": recipe.as_json(), "seed": seed, "data": data.name, "backend": backend}
    run = Run(out, identity)
    keras.utils.set_random_seed(seed)
    step = for_backend(recipe, len(dataset.classes(data)))
    run.restore(step)
    for epoch in range(len(run.rows), recipe.epochs):
        row = one_epoch(step, recipe, data, cache, seed, epoch)
        run.save(step, row)
        CONSOLE.print(
            f"epoch {epoch + 1}/{recipe.epochs}  loss {row.loss:.3f}  top-1 {row.top1:.2%}  "
            f"top-5 {row.top5:.2%}  {row.pictures_per_second:.0f} pictures/s",
        )
    return run


def one_epoch(step: Step, recipe: Recipe, data: Path, cache: Path, seed: int, epoch: int) -> Row:
    """Trains on each picture once and measures on the validation split at the phase's size."""
    phase = recipe.phase_of(epoch)
    split = dataset.load(data, cache, "train", phase.side).first(recipe.pictures)
    steps = len(split.labels) // recipe.batch
    source = batches.epoch(split, recipe.batch, seed, epoch, phase.padding)
    started, losses, rate = time.monotonic(), [], 0.0
    with _bar(epoch, recipe.epochs) as bar:
        task = bar.add_task("", total=steps, loss=float("nan"))
        for at, (pictures, labels) in enumerate(batches.ahead(source)):
            rate = one_cycle((epoch + at / steps) / recipe.epochs, recipe.peak)
            losses.append(step.train(pictures, labels, rate))
            bar.update(task, advance=1, loss=np.mean(losses[-50:]))
    seconds = time.monotonic() - started
    validation = dataset.load(data, cache, "validation", phase.side).first(recipe.pictures)
    score = measure(step, validation)
    speed = steps * recipe.batch / seconds
    loss = float(np.mean(losses))
    return Row(
        epoch + 1,
        recipe.epochs,
        phase.side,
        loss,
        score.top1,
        score.top5,
        rate,
        round(speed, 1),
        round(seconds, 1),
    )


def measure(step: Step, split: Split, size: int = 500) -> Accuracy:
    """Accuracy of the network as it stands, on every picture of the split."""
    scores = [step.logits(pictures) for pictures, _ in batches.plain(split, size)]
    return accuracy(np.concatenate(scores), split.labels)


def _bar(epoch: int, epochs: int) -> Progress:
    return Progress(
        TextColumn(f"epoch {epoch + 1}/{epochs}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}  loss {task.fields[loss]:.3f}"),
        TimeRemainingColumn(),
        console=CONSOLE,
    )
