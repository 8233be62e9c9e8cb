"""A bundle as a model of the worker's, and what makes one of a folder.

Nothing of numpy or OpenVINO is imported here before a model is loaded.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from classifier.errors import BundleBroken
from classifier.recipe import Recipe
from wire.messages import Label
from wire.sieve import Sieve
from worker.models import Model, Picture, Wanted

if TYPE_CHECKING:
    from classifier.bundle import Bundle
    from classifier.engine import Engine

Predict: TypeAlias = Callable[[Any], Any]
"""uint8 (N, side, side, 3) to float32 (N, classes)."""
SIEVES = 64  # whose places are remembered


class BundledModel:
    """A bundle with its engine."""

    def __init__(self, bundle: "Bundle", engine: "Engine") -> None:
        self._bundle = bundle
        self._engine = engine
        self._places: dict[Sieve, Any] = {}

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
    def ahead(self) -> int:
        return self._engine.ahead

    @property
    def portion(self) -> int:
        return self._engine.portion

    def classify(
        self, pictures: Sequence[Picture], wanted: Sequence[Wanted]
    ) -> list[tuple[Label, ...]]:
        return self._classified(self._engine.predict_soon, pictures, wanted)

    def classify_beside(
        self, pictures: Sequence[Picture], wanted: Sequence[Wanted]
    ) -> list[tuple[Label, ...]]:
        return self._classified(self._engine.predict_beside, pictures, wanted)

    def _classified(
        self, predict: Predict, pictures: Sequence[Picture], wanted: Sequence[Wanted]
    ) -> list[tuple[Label, ...]]:
        from classifier.classify import together

        scores, names = predict(together(pictures)), self._bundle.labels
        return [
            tuple(
                Label(name=names[at].name, class_id=names[at].class_id, confidence=score)
                for at, score in self._found(row, each)
            )
            for row, each in zip(scores, wanted, strict=True)
        ]

    def _found(self, scores: Any, wanted: Wanted) -> list[tuple[int, float]]:
        """Places of the labels that are wanted, and what each scored, best first."""
        from classifier.labels import ranked, ranked_among

        sieve = wanted.sieve
        if sieve is None:
            return ranked(scores, wanted.top)
        return ranked_among(scores, self._passing(sieve), wanted.top, sieve.min_confidence)

    def _passing(self, sieve: Sieve) -> Any:
        """Places of the labels that pass, int (n,)."""
        import numpy as np

        known = self._places.get(sieve)
        if known is None:
            passes, names = sieve.judge(), enumerate(self._bundle.labels)
            passing = [at for at, each in names if passes(each.name, each.class_id)]
            if len(self._places) >= SIEVES:
                self._places.clear()
            known = self._places[sieve] = np.array(passing, np.intp)
        return known


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
