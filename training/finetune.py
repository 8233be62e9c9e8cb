"""Teaches a network new classes by a few pictures of each: what it knows of pictures stays, its head goes."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import keras
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from training.batches import crop_and_flip
from training.dataset import Split
from training.finetune_step import FineStep, Stage
from training.metrics import accuracy
from training.run import Row, Run, rows_done

CONSOLE = Console(highlight=False, stderr=True)
LAST = 0.01  # of a stage's rate, at its end


@dataclass(frozen=True)
class Plan:
    """How it is done. `padding` is the part of a side by which pictures are shifted at most."""

    freeze_to: str
    head: int = 15
    deep: int = 15
    batch: int = 32
    head_rate: float = 3e-3
    deep_rate: float = 1e-4
    padding: float = 0.1

    @property
    def epochs(self) -> int:
        """Of both stages."""
        return self.head + self.deep

    def stage(self, epoch: int) -> Stage:
        """The one that an epoch, from 0, belongs to."""
        return "head" if epoch < self.head else "deep"

    def rate(self, progress: float) -> float:
        """At so many epochs, whole or not: half a cosine down in each stage."""
        if progress < self.head:
            return self.head_rate * _falling(progress / self.head)
        return self.deep_rate * _falling((progress - self.head) / self.deep)

    def lasting(self, epochs: int) -> "Plan":
        """The same over so many epochs, half of them for the head."""
        head = (epochs + 1) // 2
        return Plan(**(asdict(self) | {"head": head, "deep": epochs - head}))


def teach(step: FineStep, plan: Plan, learn: Split, held: Split, run: Run, seed: int) -> None:
    """Trains, or goes on where the run was left; a checkpoint after each epoch."""
    keras.utils.set_random_seed(seed)
    done = len(rows_done(run.checkpoint))
    if done:
        step.enter(plan.stage(done - 1))
        run.restore(step)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=CONSOLE) as bar:
        task = bar.add_task("fine-tuning", total=plan.epochs, completed=done)
        for epoch in range(done, plan.epochs):
            if step.stage != plan.stage(epoch):
                step.enter(plan.stage(epoch))
            row = one_epoch(step, plan, learn, held, seed, epoch)
            run.save(step, row)
            what = f"{plan.stage(epoch)} {epoch + 1}/{plan.epochs}  loss {row.loss:.3f}"
            bar.update(task, advance=1, description=f"{what}  top-1 {row.top1:.1%}")


def one_epoch(step: FineStep, plan: Plan, learn: Split, held: Split, seed: int, epoch: int) -> Row:
    """Each picture once, shifted and mirrored; then how often the held-out ones are right."""
    began, losses = time.monotonic(), []
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(learn.labels))
    side = learn.pictures.shape[1]
    rate = 0.0
    for start in range(0, len(order), plan.batch):
        chosen = order[start : start + plan.batch]
        rate = plan.rate(epoch + start / len(order))
        pictures = crop_and_flip(learn.pictures[chosen], random, round(plan.padding * side))
        losses.append(step.train(pictures, learn.labels[chosen], rate))
    seconds = time.monotonic() - began
    score = accuracy(logits(step.logits, held), held.labels)
    return Row(
        epoch + 1,
        plan.epochs,
        side,
        float(np.mean(losses)),
        score.top1,
        score.top5,
        rate,
        round(len(order) / seconds, 1),
        round(seconds, 1),
    )


def logits(of: Callable[[np.ndarray], np.ndarray], split: Split, size: int = 100) -> np.ndarray:
    """float32 (N, classes) of all pictures."""
    starts = range(0, len(split.labels), size)
    return np.concatenate([of(split.pictures[at : at + size]) for at in starts])


def identity(plan: Plan, base: str, data: str, seed: int) -> dict[str, Any]:
    """What makes two runs the same one."""
    return {
        "recipe": asdict(plan) | {"name": "finetune"},
        "base": base,
        "data": data,
        "seed": seed,
        "backend": keras.backend.backend(),
    }


def _falling(share: float) -> float:
    return LAST + (1 - LAST) * (1 + math.cos(math.pi * share)) / 2
