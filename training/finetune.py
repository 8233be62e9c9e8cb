"""Teaches a network new classes by a few pictures of each: what it knows of pictures stays, its head goes."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import keras

from training.augmentation import Augmentation
from training.batches import Shuffle
from training.decoded import Split
from training.finetune_step import FineStep, Stage
from training.lab.bar import CONSOLE as CONSOLE
from training.lab.loop import Loop, seed_everything
from training.run import Run

LAST = 0.01  # of a stage's rate, at its end


@dataclass(frozen=True)
class Plan:
    """How it is done. `padding` is the part of a side by which pictures are shifted at most."""

    freeze_to: str
    head: int = 15
    deep: int = 15
    batch: int = 32
    head_rate: float = 3e-3
    deep_rate: float = 3e-5
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


@dataclass(frozen=True)
class Lesson:
    """A plan with its pictures. See `training.lab.course.Course`."""

    step: FineStep
    plan: Plan
    pictures: Split
    measured: Split
    seed: int
    patience: int | None = None

    @property
    def epochs(self) -> int:
        """See Course."""
        return self.plan.epochs

    @property
    def shuffle(self) -> Shuffle:
        """See Course."""
        varied = Augmentation(shift=self.plan.padding, flip=True)
        return Shuffle(self.plan.batch, self.seed, varied, int(self.pictures.labels.max()) + 1)

    def learn(self, epoch: int) -> Split:  # noqa: ARG002
        """See Course."""
        return self.pictures

    def held(self, epoch: int) -> Split:  # noqa: ARG002
        """See Course."""
        return self.measured

    def enter(self, epoch: int) -> None:
        """See Course: each stage has an optimizer of its own."""
        if self.step.stage != self.plan.stage(epoch):
            self.step.enter(self.plan.stage(epoch))

    def rate(self, epoch: int, batch: int, batches: int) -> float:
        """See Course."""
        return self.plan.rate(epoch + batch / batches)


def teach(step: FineStep, plan: Plan, learn: Split, held: Split, run: Run, seed: int) -> None:
    """Trains, or goes on where the run was left."""
    seed_everything(seed)
    # The bundle is made of the last epoch's network, whose rate is the lowest.
    Loop(step, Lesson(step, plan, learn, held, seed), run, best=None).to_the_end()


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
