"""Where a version comes from: the worker's folder, or the bucket by way of this machine's disk."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from classifier.bundle import MANIFEST
from classifier.errors import BundleBroken, ModelNotFound
from wire.index import Index
from worker.bundled import BundleLoader
from worker.models import Model
from worker.shelf.cache import BundleCache


class Source:
    """Loads one version; satisfies `Load`.

    Args:
        loader: makes models of folders, and has one.
        cache: gets bundles of the bucket.
        index: of the bucket, as it was read last.
    """

    def __init__(
        self, loader: BundleLoader, cache: BundleCache, index: Callable[[], Index]
    ) -> None:
        self._loader = loader
        self._cache = cache
        self._index = index

    def __call__(self, name: str | None, version: str | None) -> Model:
        name = name or self._loader.usual
        digest = self._index().line(name).versions.get(version or "")
        in_folder = version in self._loader.versions().get(name, ())
        if version is None or digest is None or (in_folder and self._same(name, version, digest)):
            return self._loader(name, version)
        try:
            return self._loader.at(self._cache.get(name, version, digest))
        except BundleBroken:
            # Of the bundle itself, or of the copy on this disk?
            if not self._cache.mend(name, version, digest):
                raise
        return self._loader.at(self._cache.get(name, version, digest))

    def _same(self, name: str, version: str, digest: str) -> bool:
        return _digest(self._loader.folder(name, version) / MANIFEST) == digest


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelNotFound(f"{path} cannot be read: {error.strerror}") from error
