"""Bundles are written beside their place and moved there whole."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from classifier.bundle import MANIFEST, Bundle, sha256
from classifier.manifest import Manifest
from training.atomic import beside, left_behind, write, writer
from training.errors import BundleExists


@contextmanager
def new(folder: Path) -> Iterator[Path]:
    """An empty folder to fill, which becomes `folder` when the block ends well and vanishes when not.

    Raises:
        BundleExists: before the work, or after it when somebody else was faster.
    """
    if folder.exists():
        raise BundleExists(f"{folder} exists already: give another --version")
    with _staging(folder) as staging:
        yield staging
        try:
            staging.rename(folder)
        except OSError as error:
            raise BundleExists(f"{folder} was made by another command meanwhile") from error


@contextmanager
def anew(folder: Path) -> Iterator[Path]:
    """As `new`, in the place of what was there."""
    with _staging(folder) as staging:
        yield staging
        before = staging.with_name(f"{staging.name}.before.{writer()}.partial")
        with suppress(FileNotFoundError):
            folder.rename(before)
        staging.rename(folder)
        shutil.rmtree(before, ignore_errors=True)


def complete(folder: Path, manifest: Manifest) -> Bundle:
    """Writes the manifest with every file's sha256; the bundle, verified."""
    files = {path.name: sha256(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    _state(folder, manifest.model_copy(update={"files": files}))
    return Bundle.load(folder)


def restate(bundle: Bundle, manifest: Manifest) -> None:
    """Replaces what the manifest says; the files stay those that were verified when the bundle was loaded."""
    _state(bundle.folder, manifest)


def _state(folder: Path, manifest: Manifest) -> None:
    write(folder / MANIFEST, manifest.model_dump_json(by_alias=True, indent=2).encode())


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Its name begins with a dot: `classifier.catalog` does not see it."""
    fresh = not folder.parent.exists()
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    staging = beside(folder)
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if fresh:
            with suppress(OSError):  # not empty: a bundle lies there
                folder.parent.rmdir()


def _sweep(folder: Path) -> None:
    """Removes what writers that were killed left behind."""
    for path in filter(left_behind, folder.glob(".*.[0-9]*.partial")):
        shutil.rmtree(path, ignore_errors=True)
