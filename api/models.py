"""Which models may be asked for, and what each is: those of the folder, and those of the bucket."""

import asyncio
from dataclasses import replace

from api.documents import ModelRow
from api.manifests import Manifests
from classifier.catalog import Catalog
from classifier.classes import ClassName
from classifier.errors import BundleBroken
from classifier.manifest import Manifest
from wire import log
from wire.errors import ModelNotFound
from wire.index_store import IndexCopy
from wire.lineup import Lineup
from wire.store import Store

EVERY = 5.0  # seconds between reads of the index
_log = log.get(__name__)


class Models:
    """The catalog, and a copy of the index, as the front end shows them.

    Nothing waits for the store: a model of the bucket is there once its index was read.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lineup = Lineup(_folder(catalog), catalog.default)
        self._manifests = Manifests()

    def check(self, model: str | None, version: str | None) -> None:
        """Refuse a model that no worker could have; who names none gets the workers' default.

        Raises:
            ModelNotFound: there is no such model or version; the text lists those there are.
        """
        if model is None and version is None:
            return
        try:
            self._lineup.choose(model, version)
        except ModelNotFound:
            # It may have been put into the folder meanwhile.
            self._lineup = replace(self._lineup, folder=_folder(self._catalog))
            self._lineup.choose(model, version)

    async def follow(self, store: Store, every: float = EVERY) -> None:
        """Read the index again and again, until canceled."""
        copy = IndexCopy(store)
        while True:
            # Whatever it is: were this loop to end, new models would be refused for ever.
            try:
                await copy.read()
                if copy.index != self._lineup.index:
                    await self._manifests.read(store, copy.index)
                    self._lineup = replace(self._lineup, index=copy.index)
            except Exception:
                _log.exception("the models of the bucket could not be followed")
            await asyncio.sleep(every)

    async def rows(self) -> list[ModelRow]:
        """Every version of every model. The first call reads and verifies the folder's bundles."""
        return await asyncio.to_thread(self._rows)

    def versions(self, model: str) -> list[str]:
        """All of a model, the folder's first; none where there is no such model."""
        return self._lineup.versions(model)

    def answering(self, model: str | None, version: str | None) -> list[tuple[str, str]]:
        """Names and versions of those that may answer; raises ModelNotFound."""
        choice = self._lineup.choose(model, version)
        pair = self._lineup.pair(choice.name) if version is None else None
        return [(choice.name, each) for each in pair or (choice.version,)]

    async def labels(self, store: Store, name: str, version: str) -> tuple[ClassName, ...]:
        """The classes of a version.

        Raises:
            BundleBroken: they cannot be read.
            QueueUnavailable: they are in the store, and it cannot be reached.
        """
        if version in self._lineup.folder.get(name, ()):
            return (await asyncio.to_thread(self._catalog.find, name, version)).labels
        digest = self._lineup.index.line(name).versions[version]
        return await self._manifests.labels(store, name, version, digest)

    def _rows(self) -> list[ModelRow]:
        lineup = replace(self._lineup, folder=_folder(self._catalog))
        found = [(name, version) for name in lineup.names() for version in lineup.versions(name)]
        rows = [(name, version, self._manifest(lineup, name, version)) for name, version in found]
        return [
            _shown(manifest, lineup, name, version) for name, version, manifest in rows if manifest
        ]

    def _manifest(self, lineup: Lineup, name: str, version: str) -> Manifest | None:
        if version not in lineup.folder.get(name, ()):
            return self._manifests.of(lineup.index.line(name).versions[version])
        try:
            return self._catalog.find(name, version).manifest
        except BundleBroken as error:
            _log.error("bundle left out", model=name, version=version, reason=str(error))
            return None


def _folder(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    return {name: tuple(catalog.versions(name)) for name in catalog.names()}


def _shown(manifest: Manifest, lineup: Lineup, name: str, version: str) -> ModelRow:
    gone = [each for each in lineup.index.line(name).withdrawn if each.version == version]
    share = lineup.share(name, version)
    return ModelRow(
        name=name,
        version=version,
        architecture=manifest.architecture,
        classes=manifest.classes,
        input_size=manifest.preprocessing.side,
        precision=manifest.precision,
        metrics=[metric.model_dump(by_alias=True) for metric in manifest.metrics],
        default=name == lineup.default and version == lineup.serving(name),
        share=round(share, 4),
        withdrawn=gone[-1].reason if gone and not share else None,
    )
