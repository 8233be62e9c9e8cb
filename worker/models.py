"""Models: loaded when a job first asks for one, the least recently used let go.

Nothing of numpy or OpenVINO is imported here before a model is loaded, and nothing of Pillow ever: pictures
are decoded elsewhere (`worker.decoder`).
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from classifier.errors import BundleBroken
from classifier.recipe import Recipe
from wire import log
from wire.errors import QueueUnavailable
from wire.messages import Job, Label

if TYPE_CHECKING:
    from classifier.bundle import Bundle
    from classifier.engine import Engine

Picture: TypeAlias = Any
"""uint8 (side, side, 3) RGB, as the model that prepared it wants it."""

Predict: TypeAlias = Callable[[Any], Any]
"""uint8 (N, side, side, 3) to float32 (N, classes)."""


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
    def portion(self) -> int:
        """Pictures in a batch beyond which a larger one gains nothing."""

    def classify(self, pictures: Sequence[Picture], count: int) -> list[tuple[Label, ...]]:
        """The `count` likeliest labels of each picture, best first. Blocks, and belongs into a thread."""

    def classify_beside(self, pictures: Sequence[Picture], count: int) -> list[tuple[Label, ...]]:
        """As `classify`, on one lane: in as many threads at once as there are lanes."""


REST, OUTAGE = 30.0, 2.0  # seconds before what could not be loaded is tried again

logger = log.get("worker")

Key = tuple[str | None, str | None]
Load = Callable[[str | None, str | None], Model]
"""Name and version to a model that is warm; blocks, raises a `classifier.errors` error."""


class BundledModel:
    """A bundle with its engine."""

    def __init__(self, bundle: "Bundle", engine: "Engine") -> None:
        self._bundle = bundle
        self._engine = engine

    @property
    def name(self) -> str:
        return self._bundle.manifest.name

    @property
    def version(self) -> str:
        return self._bundle.manifest.version

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self._bundle.folder

    @property
    def recipe(self) -> Recipe:
        return self._bundle.manifest.preprocessing

    @property
    def lanes(self) -> int:
        return self._engine.lanes

    @property
    def portion(self) -> int:
        return self._engine.portion

    def classify(self, pictures: Sequence[Picture], count: int) -> list[tuple[Label, ...]]:
        return self._classified(self._engine.predict, pictures, count)

    def classify_beside(self, pictures: Sequence[Picture], count: int) -> list[tuple[Label, ...]]:
        return self._classified(self._engine.predict_beside, pictures, count)

    def _classified(
        self, predict: Predict, pictures: Sequence[Picture], count: int
    ) -> list[tuple[Label, ...]]:
        from classifier.classify import together
        from classifier.labels import ranked

        names = self._bundle.labels
        return [
            tuple(
                Label(name=names[at].name, class_id=names[at].class_id, confidence=score)
                for at, score in ranked(row, count)
            )
            for row in predict(together(pictures))
        ]


class BundleLoader:
    """Loads from a folder of bundles; satisfies `Load`.

    Args:
        root: folder of bundles; the one that ships when None.
        default: model of jobs that name none; the catalog's own when None.
        threads: engine threads; all cores when None.
        cache: folder for compiled networks.
        engine: name of what runs them, see `classifier.engines.shelf`.
    """

    def __init__(
        self,
        root: Path | None,
        default: str | None,
        threads: int | None = None,
        cache: Path | None = None,
        engine: str = "openvino",
    ) -> None:
        from classifier import catalog

        self._catalog = catalog.Catalog(root or catalog.BUNDLED, default or catalog.DEFAULT)
        self._threads = threads
        self._cache = cache
        self._engine = engine

    def __call__(self, name: str | None, version: str | None) -> Model:
        return self._model(self._catalog.find(name, version))

    def at(self, folder: Path) -> Model:
        """The bundle in this very folder."""
        from classifier.bundle import Bundle

        return self._model(Bundle.load(folder))

    def versions(self) -> dict[str, tuple[str, ...]]:
        """Of each model in the folder, the oldest first."""
        return {name: tuple(self._catalog.versions(name)) for name in self._catalog.names()}

    def folder(self, name: str, version: str) -> Path:
        """Where a bundle of the folder is, if it is there."""
        return self._catalog.root / name / version

    @property
    def usual(self) -> str:
        """The model of jobs that name none."""
        return self._catalog.default

    def _model(self, bundle: "Bundle") -> Model:
        from classifier.engines import shelf

        try:
            engine = shelf.load(self._engine, bundle, self._threads, self._cache)
        except (RuntimeError, ValueError, TypeError) as error:
            # What an engine says of a network that it can read and not run.
            raise BundleBroken(f"{bundle.folder} cannot be run: {error}") from error
        return BundledModel(bundle, engine)


class Models:
    """The models in memory.

    Args:
        load: makes one.
        most: how much may stay loaded, by `weigh`. The newest stays whatever it weighs.
        weigh: what a model takes; each the same if left out.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        load: Load,
        most: int = 3,
        weigh: Callable[[Model], int] = lambda _: 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._most = most
        self._weigh = weigh
        self._clock = clock
        self._loaded: OrderedDict[Key, Model] = OrderedDict()
        self._meant: dict[Key, Key] = {}  # "the latest", or no name at all -> name and version
        self._failed: dict[Key, tuple[float, Exception]] = {}
        self._loading = asyncio.Lock()

    def names(self) -> set[str]:
        """Of those that are loaded."""
        return {model.name for model in self._loaded.values()}

    def hold(self, model: Model, asked: Key = (None, None)) -> None:
        """Keep a loaded model as what was asked for: without a name, the one for jobs that name none."""
        exact = (model.name, model.version)
        self._meant[asked] = exact
        self._loaded.setdefault(exact, model)
        self._loaded.move_to_end(exact)
        # Whoever still holds one that goes, a batch for one, keeps it alive until that is done.
        while len(self._loaded) > 1 and self._weight() > self._most:
            (name, version), _ = self._loaded.popitem(last=False)
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
                    self.hold(await self._made(asked), asked)
        exact = self._exact(asked)
        self._loaded.move_to_end(exact)
        return self._loaded[exact]

    def answered(self, model: Model, job: Job, cost: float) -> None:
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
        return sum(map(self._weigh, self._loaded.values()))

    def _exact(self, asked: Key) -> Key:
        return self._meant.get(asked, asked)
