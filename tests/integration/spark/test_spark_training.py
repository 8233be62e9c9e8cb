"""Two executors, each a process of its own, beside one process that makes the same updates."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

pytest.importorskip("pyspark")
pytest.importorskip("tensorflow")

import keras

from tests.dealt import batches
from training.architectures.known import build
from training.fit import Order
from training.keras_step import KerasStep
from training.lab.data import Lessons, Wanted, opened
from training.lab.loop import seed_everything
from training.lab.run_folder import RunFolder
from training.optimizers import Sgd
from training.recipe import Phase, Recipe
from training.schedule import Constant
from training.spark import java
from training.spark.deal import Deal
from training.spark.errors import JavaUnfit, TooFewSlots
from training.spark.fitting import Cluster, fit

pytestmark = pytest.mark.spark

TOLERANCE = 1e-4
"""Of the loss: sums are made in another order, and each update carries that on."""
MASTER = "local-cluster[2,1,1024]"
EXECUTOR = "CoarseGrainedExecutorBackend"
SIDE, EPOCHS, BATCH, COUNT = 16, 3, 12, 150
TRAIN = 2 * COUNT * 4 // 5  # a fifth is held out
RECIPE = Recipe(
    "small",
    (Phase(SIDE, EPOCHS),),
    architecture="glasses",
    options={"filters": 4, "dropout": 0.0},
    batch=BATCH,
    optimizer=Sgd(momentum=0.9),
    schedule=Constant(0.003),
)


@pytest.fixture(scope="module", autouse=True)
def _java():
    try:
        java.check()
    except JavaUnfit as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """Two classes that differ in brightness, with noise."""
    folder, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for name, level in (("dark", 90), ("light", 150)):
        (folder / name).mkdir()
        for at in range(COUNT):
            pixels = random.normal(level, 400, (SIDE, SIDE, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{at:03}.png")
    return folder


@pytest.fixture(scope="module")
def order(pictures: Path, tmp_path_factory) -> Order:
    folder = tmp_path_factory.mktemp("runs")
    return Order(Wanted(str(pictures), folder / "cache"), RECIPE, folder / "run", seed=3)


@pytest.fixture(scope="module")
def alone(order: Order) -> list[float]:
    """The mean loss of each epoch where one process makes every update, through Keras' own step."""
    source = opened(order.wanted, RECIPE, order.seed)
    learn = Lessons(source, None).split("train", SIDE)
    deal = Deal(len(learn.labels), BATCH, 2, order.seed, 2, RECIPE.augmentation)
    shards = [learn.chosen(deal.members(shard)) for shard in range(2)]
    seed_everything(order.seed)
    step = KerasStep(build(RECIPE, 2, lambda: learn.pictures[:]), RECIPE)
    losses = []
    for epoch in range(EPOCHS):
        found = [
            (step.train(*batch, 0.003).loss, len(batch[0]))
            for batch in batches(deal, shards, epoch)
        ]
        losses.append(sum(loss * n for loss, n in found) / sum(n for _, n in found))
    return losses


class Killer(threading.Thread):
    """Ends one executor with SIGKILL as soon as there is a checkpoint amid an epoch."""

    def __init__(self, run: Path) -> None:
        super().__init__(daemon=True)
        self._run = run
        self.killed: list[int] = []

    def run(self) -> None:
        while not self._amid():
            threading.Event().wait(0.01)
        executor = next(filter(is_executor, psutil.Process().children(recursive=True)))
        executor.kill()
        self.killed = [executor.pid]

    def _amid(self) -> bool:
        try:
            with np.load(self._run / "checkpoint.npz") as state:
                tally = json.loads(str(state["tally"]))
        except (OSError, KeyError, ValueError):
            return False
        return tally["batches"] > 0


def is_executor(process: psutil.Process) -> bool:
    try:
        return EXECUTOR in " ".join(process.cmdline())
    except psutil.Error:  # it ended meanwhile
        return False


def losses(run: RunFolder) -> list[float]:
    return [row.loss for row in run.rows]


def test_an_executor_is_killed_and_the_losses_are_those_of_one_process(order, alone):
    killer = Killer(order.out)
    killer.start()
    run = fit(replace(order, every=0.0), Cluster(MASTER, 2))
    assert killer.killed
    deal = Deal(TRAIN, BATCH, 2, order.seed, 2, RECIPE.augmentation)
    assert run.rows[-1].steps == EPOCHS * deal.steps
    assert run.summary is not None
    np.testing.assert_allclose(losses(run), alone, rtol=TOLERANCE)
    assert losses(run)[-1] < 0.95 * losses(run)[0]
    assert keras.saving.load_model(run.best).output_shape == (None, 2)


def test_map_and_reduce_learn_the_same(order, alone):
    reduced = replace(order, recipe=RECIPE.lasting(1), out=order.out.with_name("reduced"))
    run = fit(reduced, Cluster(MASTER, 2, "map-reduce"))
    np.testing.assert_allclose(losses(run), alone[:1], rtol=TOLERANCE)


def test_too_few_slots_fail_at_once_and_say_what_to_do(order):
    with pytest.raises(TooFewSlots, match="--executors"):
        fit(replace(order, out=order.out.with_name("wide")), Cluster("local[1]", 2))
