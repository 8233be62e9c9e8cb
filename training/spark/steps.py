"""Both schemes as a training step of the driver's loop, which then is the loop that one machine has.

What the loop takes for a batch of pictures is only their places: executors make the batch themselves, out of
what lies on their disks.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from training.spark import gradients
from training.spark.crew import Crew
from training.spark.gradients import Told
from training.spark.turns import Turn
from training.step import Trained

if TYPE_CHECKING:
    from pyspark import RDD

    from training.spark.replica import Replica


class RingStep:
    """Executors hold the network and sum their gradients among themselves. See `training.step.Step`.

    The driver's copy is brought up to date whenever it is looked at, and is what executors begin with.

    Args:
        stands: whether the crew is still the one that works.
        waited: is told the seconds of each update in which the slowest executor waited for its pictures.

    Raises:
        CrewLost: by every method, when an executor is gone.
    """

    def __init__(
        self,
        replica: "Replica",
        crew: Crew,
        stands: Callable[[Crew], bool],
        waited: Callable[[float], None],
    ) -> None:
        self._waited = waited
        self._replica = replica
        self._crew = crew
        self._stands = stands
        self._begun = False
        self._behind = False

    @property
    def model(self) -> keras.Model:
        """The network as it is now."""
        self._catch_up()
        return self._replica.model

    @property
    def optimizer(self) -> keras.Optimizer:
        """Its optimizer as it is now."""
        self._catch_up()
        return self._replica.optimizer

    def train(self, places: np.ndarray, turn: np.ndarray, rate: float) -> Trained:
        """See Step."""
        self._begin()
        order = {"do": "train", "rate": rate, "count": len(places)} | Turn.of(turn).as_json()
        answers = self._ordered(order)
        self._behind = True
        self._waited(max(said["waited"] for said, _ in answers))
        return Trained(*answers[0][0]["found"])

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """See Step; each executor has a part of the pictures."""
        self._begin()
        orders: list[tuple[Any, bytes]] = [
            ({"do": "score", "shape": part.shape}, part.tobytes())
            for part in np.array_split(pictures, len(self._crew))
        ]
        answers = self._crew.each(orders, self._stands)
        found = [np.frombuffer(body, np.float32) for _, body in answers]
        return np.concatenate(found).reshape(len(pictures), -1)

    def plain(self) -> keras.Model:
        """See Step."""
        self._catch_up()
        return self._replica.plain()

    def _begin(self) -> None:
        if not self._begun:
            self._ordered({"do": "take"}, self._replica.state())
            self._begun = True

    def _catch_up(self) -> None:
        if self._behind:
            self._replica.restore(self._ordered({"do": "give"})[0][1])
            self._behind = False

    def _ordered(self, order: dict[str, Any], body: bytes = b"") -> list[tuple[Any, bytes]]:
        return self._crew.all(order, body, self._stands)


class MapReduceStep:
    """The driver holds the network: weights are broadcast, gradients mapped and reduced, in every step.

    The scheme of the literature, kept as a baseline. See `training.step.Step`.

    Args:
        shards: their numbers, a partition for each task, cached where they were first asked for.
    """

    def __init__(self, replica: "Replica", shards: "RDD[int]", told: Told) -> None:
        self._replica = replica
        self._shards = shards
        self._told = told
        self._apply = replica.update()

    @property
    def model(self) -> keras.Model:
        """The network."""
        return self._replica.model

    @property
    def optimizer(self) -> keras.Optimizer:
        """Its optimizer."""
        return self._replica.optimizer

    def train(self, places: np.ndarray, turn: np.ndarray, rate: float) -> Trained:
        """See Step."""
        weights = self._shards.context.broadcast(self._replica.weights())
        part = partial(
            gradients.part, told=self._told, weights=weights, turn=Turn.of(turn), count=len(places)
        )
        try:
            vector: np.ndarray = self._shards.mapPartitions(part).reduce(np.add)
        finally:
            weights.destroy()
        return Trained(*self._apply(vector, rate))

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """See Step."""
        return self._replica.logits(pictures)

    def plain(self) -> keras.Model:
        """See Step."""
        return self._replica.plain()
