"""Bundles of the bucket on this machine's disk: each downloaded once, whoever of its workers comes first.

A bundle lies under the sha256 of its manifest, which the index gives and which itself gives the sha256 of
every file: whatever else the folder holds, or another deployment put there, is never taken for it.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from classifier.bundle import KERAS, LAYERS, MANIFEST, sha256
from classifier.errors import BundleBroken, ClassifierError
from classifier.manifest import Manifest
from wire import log
from wire.files import FileAltered
from wire.index import bundle_key

FOLDER = "bundles"

logger = log.get("worker")


class Files(Protocol):
    """What is asked of the bucket, see `wire.files.S3Files`."""

    def read(self, key: str) -> bytes | None: ...

    def download(self, key: str, path: Path, digest: str) -> None: ...


def home(cache: Path | None) -> Path:
    """Where bundles are kept: beside what the engine compiled, or in the user's own cache."""
    return (cache or Path.home() / ".cache" / "classifycloud") / FOLDER


class BundleCache:
    """Gets bundles of a bucket. Blocks; safe for several threads and processes over one folder.

    Args:
        files: the bucket's.
        folder: made where it is missing.
        whole: also the Keras network, several times as large as what serves, which else comes along only
            where layers are read from it.
    """

    def __init__(self, files: Files, folder: Path, whole: bool = False) -> None:
        self._files = files
        self._folder = folder
        self._whole = whole

    def get(self, name: str, version: str, digest: str) -> Path:
        """The folder of a bundle whose manifest has this sha256.

        Raises:
            BundleBroken: what the bucket holds is not that bundle; the text names the file.
            QueueUnavailable: the store cannot be reached.
        """
        folder = self._folder / name / version / (digest[:16] + ("-whole" if self._whole else ""))
        if folder.is_dir():
            return folder
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with _locked(folder.with_suffix(".lock")):
                if not folder.is_dir():
                    self._fetch(name, version, digest, folder)
        except OSError as error:
            # A full disk is no fault of the bundle's, and not for ever.
            raise CacheUnusable(f"{folder} cannot be written: {error.strerror}") from error
        return folder

    def mend(self, name: str, version: str, digest: str) -> bool:
        """Whether a bundle here was damaged, by a machine that lost its power for one; it is gone then."""
        folder = self.get(name, version, digest)
        files = {MANIFEST: digest}
        if _right(folder / MANIFEST, digest):
            data = (folder / MANIFEST).read_bytes()
            files |= self._wanted(manifest_of(data, name, version))
        if all(_right(folder / file, expected) for file, expected in files.items()):
            return False
        with _locked(folder.with_suffix(".lock")):
            shutil.rmtree(folder, ignore_errors=True)
        return True

    def _wanted(self, manifest: Manifest) -> dict[str, str]:
        files = dict(manifest.files)
        if not self._whole and not files.keys() & set(LAYERS):
            files.pop(KERAS, None)
        return files

    def _fetch(self, name: str, version: str, digest: str, folder: Path) -> None:
        partial = folder.with_suffix(".partial")  # what a killed one left is gone on with
        partial.mkdir(exist_ok=True)
        manifest = self._manifest(name, version, digest)
        logger.info("fetching a model", model=name, version=version)
        try:
            for file, expected in self._wanted(manifest_of(manifest, name, version)).items():
                if not _right(partial / file, expected):
                    key = bundle_key(name, version, file)
                    self._files.download(key, partial / file, expected)
        except FileAltered as error:
            shutil.rmtree(partial, ignore_errors=True)
            raise BundleBroken(str(error)) from error
        (partial / MANIFEST).write_bytes(manifest)
        partial.rename(folder)

    def _manifest(self, name: str, version: str, digest: str) -> bytes:
        key = bundle_key(name, version, MANIFEST)
        data = self._files.read(key)
        if data is None or hashlib.sha256(data).hexdigest() != digest:
            raise BundleBroken(f"{key} in the bucket is not the one that the index lists")
        return data


class CacheUnusable(ClassifierError):
    """This machine cannot keep a bundle; says nothing of the bundle."""


def manifest_of(data: bytes, name: str, version: str) -> Manifest:
    """The manifest, which must be of this version; raises BundleBroken."""
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        raise BundleBroken(f"the manifest of {name} {version} is none: {error}") from error
    if (manifest.name, manifest.version) != (name, version):
        raise BundleBroken(
            f"{name} {version} says of itself that it is {manifest.name} {manifest.version}"
        )
    return manifest


def _right(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path) == digest


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Of processes and threads one at a time; the kernel lets go for one that dies."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
