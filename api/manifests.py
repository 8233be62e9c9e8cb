"""The manifests of the bucket's bundles: each read once, for under its sha256 it never changes."""

import hashlib

from pydantic import TypeAdapter, ValidationError

from classifier.bundle import LABELS, MANIFEST
from classifier.classes import ClassName
from classifier.errors import BundleBroken
from classifier.manifest import Manifest
from wire import log
from wire.index import Index, bundle_key
from wire.store import Store

_CLASSES = TypeAdapter(tuple[ClassName, ...])
_log = log.get(__name__)


class Manifests:
    """Those that were read."""

    def __init__(self) -> None:
        self._known: dict[str, Manifest] = {}

    def of(self, digest: str) -> Manifest | None:
        """The one with this sha256, None where it was not to be had."""
        return self._known.get(digest)

    async def read(self, store: Store, index: Index) -> None:
        """Read those that the index lists and that are not known; raises what the store raises."""
        for name, line in index.models.items():
            for version, digest in line.versions.items():
                if digest not in self._known:
                    await self._read(store, bundle_key(name, version, MANIFEST), digest)

    async def labels(
        self, store: Store, name: str, version: str, digest: str
    ) -> tuple[ClassName, ...]:
        """The classes of a bundle whose manifest has this sha256.

        Raises:
            BundleBroken: they are not to be had, or are not those that the manifest lists.
        """
        manifest = self.of(digest)
        data = await store.get(bundle_key(name, version, LABELS))
        listed = None if manifest is None else manifest.files.get(LABELS)
        if data is None or hashlib.sha256(data).hexdigest() != listed:
            raise BundleBroken(f"the labels of {name} {version} are not to be had")
        try:
            return _CLASSES.validate_json(data)
        except ValidationError as error:
            raise BundleBroken(f"the labels of {name} {version} cannot be read") from error

    async def _read(self, store: Store, key: str, digest: str) -> None:
        data = await store.get(key)
        if data is None or hashlib.sha256(data).hexdigest() != digest:
            _log.error("a manifest is not the one that the index lists", key=key)
            return
        try:
            self._known[digest] = Manifest.model_validate_json(data)
        except ValidationError as error:
            _log.error("a manifest cannot be read", key=key, reason=str(error))
