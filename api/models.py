"""Which models may be asked for, and what each is."""

import asyncio

from api.documents import ModelRow
from classifier.bundle import Bundle
from classifier.catalog import Catalog
from classifier.errors import BundleBroken
from wire import log
from wire.errors import ModelNotFound

_log = log.get(__name__)


class Models:
    """The catalog as the front end shows it."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def check(self, model: str | None, version: str | None) -> None:
        """Refuse a model that no worker could have; who names none gets the workers' default.

        Raises:
            ModelNotFound: there is no such model or version.
        """
        if model is None and version is None:
            return
        versions = self._catalog.versions(model or self._catalog.default)
        if not versions or (version is not None and version not in versions):
            raise ModelNotFound

    async def rows(self) -> list[ModelRow]:
        """Every version of every model. The first call reads and verifies the bundles."""
        return await asyncio.to_thread(self._rows)

    def _rows(self) -> list[ModelRow]:
        found = [
            (name, version)
            for name in self._catalog.names()
            for version in self._catalog.versions(name)
        ]
        rows = [self._row(name, version) for name, version in found]
        return [row for row in rows if row is not None]

    def _row(self, name: str, version: str) -> ModelRow | None:
        try:
            bundle = self._catalog.find(name, version)
        except BundleBroken as error:
            _log.error("bundle left out", model=name, version=version, reason=str(error))
            return None
        return _shown(bundle, self._is_default(name, version))

    def _is_default(self, name: str, version: str) -> bool:
        return name == self._catalog.default and version == self._catalog.versions(name)[-1]


def _shown(bundle: Bundle, default: bool) -> ModelRow:
    manifest = bundle.manifest
    return ModelRow(
        name=manifest.name,
        version=manifest.version,
        architecture=manifest.architecture,
        classes=manifest.classes,
        input_size=manifest.preprocessing.side,
        precision=manifest.precision,
        metrics=[metric.model_dump(by_alias=True) for metric in manifest.metrics],
        default=default,
    )
