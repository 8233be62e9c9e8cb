"""A bundle's way into the bucket: its files, then its manifest, then the index that says whom it answers."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import ValidationError

from classifier.bundle import MANIFEST, Bundle
from wire.errors import QueueUnavailable
from wire.files import FileAltered, Passed, S3Files
from wire.index import Index, IndexRefused, bundle_key, chosen, promoted, published, tried
from wire.lineup import Lineup

R = TypeVar("R")


class Broken(Exception):
    """The bundle could not be stored; the text names the file and says what is left as it was."""


class Progress(Protocol):
    """Is told how far it is."""

    def begin(self, file: str, size: int) -> Passed:
        """A file of so many bytes is on its way; what it gives is told how many more have passed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be published, and for whom. `files` maps each file's name to its sha256."""

    name: str = ""
    version: str = ""
    digest: str = ""
    folder: Path = Path()
    files: dict[str, str] = field(default_factory=dict)
    canary: float | None = None
    default: bool = False

    def refuse(self, index: Index) -> None:
        """Find out before anything is sent; raises IndexRefused."""
        self.over(index)

    def over(self, index: Index) -> Index:
        """The index with it; raises IndexRefused."""
        try:
            after = published(index, self.name, self.version, self.digest)
        except ValidationError as error:
            raise IndexRefused(_unfit(self.name, self.version)) from error
        before = in_service(index, self.name)
        if self.canary is None:
            after = promoted(after, self.name, self.version, before)
        elif before is None:
            raise IndexRefused(
                f"No version of {self.name} is in service: there is nothing to try {self.version} beside. "
                "Publish it without --canary."
            )
        else:
            after = tried(after, self.name, self.version, self.canary, time.time())
        return chosen(after, self.name) if self.default else after


def prepared(folder: Path, plan: Plan) -> Plan:
    """The plan for a bundle, every file of which is as its manifest says.

    Raises:
        BundleBroken: it is not; the text names the file.
    """
    bundle = Bundle.load(folder)
    data = (folder / MANIFEST).read_bytes()
    return replace(
        plan,
        name=bundle.manifest.name,
        version=bundle.manifest.version,
        digest=hashlib.sha256(data).hexdigest(),
        folder=folder,
        files=dict(bundle.manifest.files),
    )


def stored(plan: Plan, files: S3Files, progress: Progress) -> None:
    """Send what the bucket lacks, the manifest last: a bundle is there when its manifest is.

    Raises:
        IndexRefused: the version is there with other content.
        Broken: the store cannot be reached, or a file changed meanwhile.
    """
    manifest = bundle_key(plan.name, plan.version, MANIFEST)
    there = _told(MANIFEST, lambda: files.read(manifest))
    if there is not None and hashlib.sha256(there).hexdigest() != plan.digest:
        raise IndexRefused(
            f"{plan.name} {plan.version} is in the bucket with other content, and a version never changes: "
            "give the bundle another version."
        )
    for file, digest in sorted(plan.files.items()):
        _told(file, lambda file=file, digest=digest: _sent(plan, files, progress, file, digest))  # type: ignore[misc]
    _told(MANIFEST, lambda: _sent(plan, files, progress, MANIFEST, plan.digest))


def in_service(index: Index, name: str) -> str | None:
    """The version that answers for a model now: of the index, or of the folder that the settings name."""
    from classifier.catalog import BUNDLED, DEFAULT, Catalog
    from wire.settings import Settings, load

    settings = load(Settings)
    catalog = Catalog(settings.models or BUNDLED)
    return Lineup({name: catalog.versions(name)}, settings.model or DEFAULT, index).serving(name)


def _sent(plan: Plan, files: S3Files, progress: Progress, file: str, digest: str) -> None:
    path, key = plan.folder / file, bundle_key(plan.name, plan.version, file)
    size = path.stat().st_size
    passed = progress.begin(file, size)
    if files.holds(key, size, digest):
        passed(size)
    else:
        files.upload(path, key, digest, passed)


def _told(file: str, act: Callable[[], R]) -> R:
    try:
        return act()
    except QueueUnavailable as error:
        raise Broken(
            f"{file} could not be stored: {error.__cause__ or error}\n"
            "Nothing that is in service has changed. Run the command again: what is stored is kept."
        ) from error
    except (OSError, FileAltered) as error:
        raise Broken(f"{file} could not be sent: {error}") from error


def _unfit(name: str, version: str) -> str:
    return (
        f"A bundle named {name!r}, version {version!r}, cannot be published: lower-case letters, digits, "
        "points, hyphens and underscores make a name, 64 at most."
    )
