"""An epoch of either scheme, by time and bytes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from training.lab.choice import Choice
from training.lab.data import Wanted
from training.order import Order
from training.run import Run
from training.spark.fitting import Cluster, Far, Scheme, led
from training.spark.measured import private
from training.step import Step

WARM = 3  # updates before the clock starts: each kind of batch is compiled once
NUMBER = 4  # bytes


@dataclass(frozen=True)
class Setting:
    """A training to measure: `pictures` in batches of `batch`, so many `executors` of a core each."""

    model: str
    side: int
    pictures: int
    batch: int
    executors: int
    scheme: Scheme


@dataclass(frozen=True)
class Moved:
    """An epoch of a setting: seconds and bytes over the network, counted and by the scheme's formula."""

    setting: Setting
    parameters: int
    updates: int
    seconds: float
    counted: int

    @property
    def formula(self) -> int:
        """Bytes that all executors and the driver send, in an epoch.

        A ring sends 2 (n - 1) / n times the vector from each of n executors; the driver's scheme sends the
        weights to each, and has the gradients of each.
        """
        count = self.setting.executors
        times = 2 * (count - 1) if self.setting.scheme == "all-reduce" else 2 * count
        return times * self.parameters * NUMBER * self.updates


def measure(setting: Setting, data: Path, cache: Path, folder: Path) -> Moved:
    """One epoch, after a few updates that are not counted.

    Args:
        cache: where decoded pictures are kept.
        folder: an empty one.
    """
    recipe = Choice(
        model=setting.model, side=setting.side, batch=setting.batch, augment="none"
    ).made()
    recipe = replace(recipe, pictures=setting.pictures)
    order = Order(Wanted(str(data), cache), recipe, folder / "run")
    found: list[Moved] = []
    master = f"local-cluster[{setting.executors},1,1024]"
    # Python and Java of one machine talk through files, so that the loopback has the network's bytes alone.
    settings = {"spark.python.unix.domain.socket.enabled": "true"}
    cluster = Cluster(master, setting.executors, setting.scheme, settings)
    led(order, cluster, _timed(setting, found.append))
    return found[0]


def _timed(setting: Setting, keep: Callable[[Moved], None]) -> Callable[[Step, Run, Far], None]:
    def lead(step: Step, _run: Run, planned: Far) -> None:
        learn, shuffle = planned.learn(0), planned.shuffle
        parameters = step.model.count_params()
        for batch in list(shuffle.epoch(learn, 0))[-WARM:]:
            step.train(*batch, 1e-3)
        before, began, updates = private.sent(), time.monotonic(), 0
        for batch in shuffle.epoch(learn, 1):
            step.train(*batch, 1e-3)
            updates += 1
        seconds, counted = time.monotonic() - began, private.sent() - before
        keep(Moved(setting, parameters, updates, seconds, counted))

    return lead
