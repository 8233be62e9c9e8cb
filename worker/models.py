"""Models: loaded when a job first asks for one, the least recently used let go.

Nothing of numpy or OpenVINO is imported here before a model is loaded, and nothing of Pillow ever: pictures
are decoded elsewhere (`worker.decoder`).
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias

from classifier.recipe import Recipe
from wire import log
from wire.errors import QueueUnavailable
from wire.messages import Job, Label
from wire.sieve import Sieve

Picture: TypeAlias = Any
"""uint8 (side, side, 3) RGB, as the model that prepared it wants it."""


class Wanted(NamedTuple):
    """What is asked of one picture: at most so many labels, of those that pass the sieve."""

    top: int
    sieve: Sieve | None = None


class Model(Protocol):
    """What the journey asks of a model."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def folder(self) -> Path:
        """Where its bundle is."""

    @property
    def recipe(self) -> Recipe:
        """How pictures are prepared for it."""

    @property
    def lanes(self) -> int:
        """How many batches it classifies at once."""

    @property
    def ahead(self) -> int:
        """How many more it takes in, and begins by itself as soon as one of those has ended."""

    @property
    def portion(self) -> int:
        """Pictures in a batch beyond which a larger one gains nothing."""

    def classify(
        self, pictures: Sequence[Picture], wanted: Sequence[Wanted]
    ) -> list[tuple[Label, ...]]:
        """The likeliest labels of each picture, best first. Blocks, and belongs into a thread."""

    def classify_beside(
        self, pictures: Sequence[Picture], wanted: Sequence[Wanted]
    ) -> list[tuple[Label, ...]]:
        """As `classify`, on one lane: in as many threads at once as there are lanes, and `ahead` more."""


REST, OUTAGE = 30.0, 2.0  # seconds before what could not be loaded is tried again

logger = log.get("worker")

Key = tuple[str | None, str | None]
Load = Callable[[str | None, str | None], Model]
"""Name and version to a model that is warm; blocks, raises a `classifier.errors` error."""


class Models:
    """The models in memory.

    Args:
        load: makes one.
        most: how much may stay loaded, by `weigh`. The newest stays whatever it weighs.
        weigh: what a model takes, by what `resident` grew by as it was loaded; each the same if left out.
        resident: bytes of memory that this process has.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        load: Load,
        most: int = 3,
        weigh: Callable[[Model, int], int] = lambda *_: 1,
        resident: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._most = most
        self._weigh = weigh
        self._resident = resident
        self._weights: dict[Key, int] = {}
        self._clock = clock
        self._loaded: OrderedDict[Key, Model] = OrderedDict()
        self._meant: dict[Key, Key] = {}  # "the latest", or no name at all -> name and version
        self._failed: dict[Key, tuple[float, Exception]] = {}
        self._loading = asyncio.Lock()

    def names(self) -> set[str]:
        """Of those that are loaded."""
        return {model.name for model in self._loaded.values()}

    def hold(self, model: Model, asked: Key = (None, None), grown: int = 0) -> None:
        """Keep a loaded model as what was asked for: without a name, the one for jobs that name none."""
        exact = (model.name, model.version)
        self._meant[asked] = exact
        if exact not in self._loaded:
            self._loaded[exact], self._weights[exact] = model, self._weigh(model, grown)
        self._loaded.move_to_end(exact)
        # Whoever still holds one that goes, a batch for one, keeps it alive until that is done.
        while len(self._loaded) > 1 and self._weight() > self._most:
            (name, version), _ = self._loaded.popitem(last=False)
            del self._weights[name, version]
            logger.info("a model was let go of", model=name, version=version)

    def ready(self, name: str, version: str) -> Model | None:
        """This very version, where it is loaded."""
        model = self._loaded.get((name, version))
        if model is not None:
            self._loaded.move_to_end((name, version))
        return model

    async def find(self, name: str | None, version: str | None, job: str = "") -> Model:  # noqa: ARG002
        """The model, loaded where it is not; raises what `load` raises.

        What could not be loaded is not tried again for a while: each try would hold up the loading of others.
        """
        asked = (name, version)
        if self._exact(asked) not in self._loaded:
            async with self._loading:
                if self._exact(asked) not in self._loaded:
                    before = self._resident()
                    self.hold(await self._made(asked), asked, self._resident() - before)
        exact = self._exact(asked)
        self._loaded.move_to_end(exact)
        return self._loaded[exact]

    def answered(self, model: Model, job: Job, cost: float, cores: int) -> None:
        """Not counted: there is nothing to compare it with."""

    async def failed(self, model: Model, job: Job, cause: Exception) -> None:  # noqa: ARG002
        """No other model may answer."""
        return

    def outdone(self, model: Model, cause: Exception) -> None:
        """Never."""

    async def _made(self, asked: Key) -> Model:
        until, error = self._failed.get(asked, (0.0, None))
        if error is not None and self._clock() < until:
            raise error
        start = self._clock()
        try:
            model = await asyncio.to_thread(self._load, *asked)
        except QueueUnavailable as error:
            self._failed[asked] = (self._clock() + OUTAGE, error)
            raise
        except Exception as error:
            self._failed[asked] = (self._clock() + REST, error)
            raise
        self._failed.pop(asked, None)
        took = round(self._clock() - start, 3)
        logger.info("a model is loaded", model=model.name, version=model.version, seconds=took)
        return model

    def _weight(self) -> int:
        return sum(self._weights.values())

    def _exact(self, asked: Key) -> Key:
        return self._meant.get(asked, asked)
