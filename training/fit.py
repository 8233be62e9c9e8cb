"""A training from its order to its end: pictures, network, loop and folder, wired once."""

from dataclasses import dataclass, field
from typing import Any

import keras

from training import labels_file, ordered
from training.atomic import write
from training.batches import Shuffle
from training.decoded import Split
from training.lab.data import Lessons, opened
from training.lab.devices import step_over
from training.lab.loop import Loop, Watch, seed_everything
from training.lab.run_folder import CLASSES, SUMMARY, RunFolder
from training.lab.source import Part, Source
from training.order import Order as Order
from training.recipe import Recipe
from training.run import Run
from training.step import Step


@dataclass
class Planned:
    """A recipe over its pictures. See `training.lab.course.Course`."""

    recipe: Recipe
    source: Source
    seed: int
    _splits: dict[tuple[Part, int], Split] = field(default_factory=dict, init=False)

    @property
    def epochs(self) -> int:
        """See Course."""
        return self.recipe.epochs

    @property
    def patience(self) -> int | None:
        """See Course."""
        return self.recipe.patience

    @property
    def shuffle(self) -> Shuffle:
        """See Course."""
        recipe = self.recipe
        return Shuffle(recipe.batch, self.seed, recipe.augmentation, len(self.source.classes))

    def learn(self, epoch: int) -> Split:
        """See Course."""
        return self.at("train", self.recipe.phase_of(epoch).side)

    def held(self, epoch: int) -> Split:
        """See Course."""
        return self.at("validation", self.recipe.phase_of(epoch).side)

    def at(self, part: Part, side: int) -> Split:
        """A part at a side in pixels, looked up once."""
        if (part, side) not in self._splits:
            self._splits[part, side] = Lessons(self.source, self.recipe.pictures).split(part, side)
        return self._splits[part, side]

    def enter(self, epoch: int) -> None:
        """See Course: one network and one optimizer throughout."""

    def rate(self, epoch: int, batch: int, batches: int) -> float:
        """See Course."""
        return self.recipe.schedule.at(epoch * batches + batch, self.epochs * batches)


def fit(order: Order, watch: Watch = lambda _row: None) -> RunFolder:
    """Trains, or goes on with, the run in `order.out`; returns it ended.

    Interrupt it anywhere: the same call goes on.

    Raises:
        DataMissing, PicturesUnfit, FetchFailed: of the pictures.
        WrongRecipe, RunMismatch, OutOfSpace
        KeyboardInterrupt: it was told to stop.
    """
    source = opened(order.wanted, order.recipe, order.seed)
    planned = Planned(order.recipe, source, order.seed)
    step = made(order, planned)
    run = started(order, planned, step.model)
    Loop(step, planned, run, watch, order.every).to_the_end()
    return RunFolder(order.out)


def made(order: Order, planned: Planned) -> Step:
    """The network as its seed makes it."""
    seed_everything(order.seed)
    side = order.recipe.phases[-1].side
    return step_over(
        order.devices,
        order.recipe,
        len(planned.source.classes),
        lambda: planned.at("train", side).pictures[:],
    )


def started(order: Order, planned: Planned, model: keras.Model, **besides: int) -> Run:
    """The run's folder; raises RunMismatch where it is another one's.

    Args:
        besides: what run.json says more than `identity`.
    """
    run = Run(order.out, identity(order, planned, model) | besides)
    write(order.out / CLASSES, labels_file.document(planned.source.classes))
    (order.out / SUMMARY).unlink(missing_ok=True)
    ordered.keep(order)
    return run


def identity(order: Order, planned: Planned, model: keras.Model) -> dict[str, Any]:
    """run.json, see `training.lab.run_folder`."""
    recipe, first = order.recipe, order.recipe.phases[0].side
    return {
        "recipe": recipe.as_json(),
        "seed": order.seed,
        "data": order.wanted.name,
        "fingerprint": planned.source.fingerprint,
        "backend": keras.backend.backend(),
        "classes": len(planned.source.classes),
        "pictures": {
            "train": len(planned.at("train", first).labels),
            "validation": len(planned.at("validation", first).labels),
        },
        "preprocessing": recipe.preprocessing.model_dump(),
        "parameters": model.count_params(),
    }
