"""A model bundle on disk: read whole, verified, or refused."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from classifier.classes import ClassName
from classifier.errors import BundleBroken
from classifier.manifest import Manifest

MANIFEST, LABELS = "manifest.json", "labels.json"
NETWORK, WEIGHTS, KERAS = "model.xml", "model.bin", "model.keras"
LAYERS = ("layers.json", "layers.xml.gz", "layers.bin")  # see classifier.layers
_NAMES = TypeAdapter(tuple[ClassName, ...])


@dataclass(frozen=True)
class Bundle:
    """A verified bundle; `labels` are in the order of the network's outputs."""

    folder: Path
    manifest: Manifest
    labels: tuple[ClassName, ...]

    @classmethod
    def load(cls, folder: Path) -> "Bundle":
        """Reads a bundle and compares every file that serving needs with its sha256.

        The Keras network, several times as large as all else, and the layers are compared when they are
        asked for.

        Raises:
            BundleBroken: a file is absent, altered or unreadable.
        """
        manifest = _manifest(folder / MANIFEST)
        for name in (NETWORK, WEIGHTS, LABELS):
            if name not in manifest.files:
                raise BundleBroken(f"{folder / MANIFEST} lists no {name}")
        for name in manifest.files.keys() - {KERAS, *LAYERS}:
            _verify(folder / name, manifest)
        labels = _labels(folder / LABELS)
        if len(labels) != manifest.classes:
            raise BundleBroken(f"{folder / LABELS}: {len(labels)} of {manifest.classes} classes")
        return cls(folder, manifest, labels)

    @property
    def network(self) -> Path:
        """The OpenVINO network to serve from."""
        return self.folder / NETWORK

    @property
    def keras(self) -> Path:
        """The Keras network, verified; raises BundleBroken where the bundle has none."""
        if KERAS not in self.manifest.files:
            raise BundleBroken(f"{self.folder} has no {KERAS}: it serves through openvino only")
        return self.file(KERAS)

    def file(self, name: str) -> Path:
        """A file that the manifest lists, verified; raises BundleBroken where it lists none."""
        if name not in self.manifest.files:
            raise BundleBroken(f"{self.folder} has no {name}")
        _verify(self.folder / name, self.manifest)
        return self.folder / name


def sha256(path: Path) -> str:
    """Hex digest of a file; raises BundleBroken if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BundleBroken(f"{path} cannot be read: {error.strerror}") from error


def _verify(path: Path, manifest: Manifest) -> None:
    if sha256(path) != manifest.files[path.name]:
        raise BundleBroken(f"{path} differs from its sha256: fetch it again")


def _manifest(path: Path) -> Manifest:
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise BundleBroken(f"{path.parent} is no bundle: it has no {path.name}") from error
    except (OSError, ValidationError) as error:
        raise BundleBroken(f"{path} is no manifest: {error}") from error


def _labels(path: Path) -> tuple[ClassName, ...]:
    try:
        return _NAMES.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise BundleBroken(f"{path} is no list of labels: {error}") from error
