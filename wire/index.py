"""`models/index.json`: which models the bucket holds, and which version of each answers whom.

Written by `classifycloud models` and by workers that take a canary back, read by every worker and replica.
The functions here are pure: document in, document out.
"""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from wire.messages import Message, Part

KEY = "models/index.json"
NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
VERSION = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
LEAST, MOST = 0.01, 0.5
REMEMBERED = 20  # versions taken back, of each model

Name = Annotated[str, StringConstraints(pattern=NAME)]
Version = Annotated[str, StringConstraints(pattern=VERSION)]
Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class IndexRefused(Exception):
    """The change cannot be made; the text says why and what to do."""


class Canary(Part):
    """A version on trial: it answers `share` of the requests that name no version."""

    version: Version
    share: float = Field(ge=LEAST, le=MOST)
    since: float


class Withdrawal(Part):
    """A version that was taken back. `at` is in seconds since the epoch, `by` is a worker or `hand`."""

    version: Version
    reason: str
    by: str
    at: float


class Line(Part):
    """One model. `versions` maps each, in the order of publication, to the sha256 of its manifest.

    `default` answers requests that name no version; where it is None, the latest that a process's folder has.
    `former` did before.
    """

    versions: dict[Version, Digest] = Field(default_factory=dict)
    default: Version | None = None
    former: Version | None = None
    canary: Canary | None = None
    withdrawn: tuple[Withdrawal, ...] = ()


class Index(Message):
    """All models in the bucket. `default` answers requests that name none, where it is set."""

    models: dict[Name, Line] = Field(default_factory=dict)
    default: Name | None = None

    @classmethod
    def read(cls, data: bytes | None) -> Self:
        """What was kept; nothing kept is an empty index.

        Raises:
            Undecodable: the object cannot be read.
        """
        return cls() if data is None else cls.decode(data)

    def line(self, name: str) -> Line:
        return self.models.get(name) or Line()


def bundle_key(name: str, version: str, file: str) -> str:
    """One file of a bundle."""
    return f"models/{name}/{version}/{file}"


def published(index: Index, name: str, version: str, digest: str) -> Index:
    """The index that knows one more version, whoever is to get it.

    Raises:
        IndexRefused: the version is there with other content.
    """
    line = index.line(name)
    there = line.versions.get(version, digest)
    if there != digest:
        raise IndexRefused(
            f"{name} {version} is in the bucket with other content, and a version never changes: "
            "give the bundle another version."
        )
    return _with(index, name, {"versions": line.versions | {version: digest}})


def promoted(index: Index, name: str, version: str, before: str | None = None) -> Index:
    """The version answers all requests for the model that name none; a canary ends.

    A version that a folder has, and the bucket not, is taken at its word.

    Args:
        before: the version in service where the index names none.
    """
    line = index.line(name)
    serving = line.default or before
    former = line.former if serving == version else serving
    return _with(index, name, {"default": version, "former": former, "canary": None})


def tried(index: Index, name: str, version: str, share: float, now: float) -> Index:
    """The version answers a share of those requests.

    Raises:
        IndexRefused: it does so already for all of them.
    """
    if index.line(name).default == version:
        raise IndexRefused(f"{name} {version} is in service: it cannot be its own canary.")
    return _with(index, name, {"canary": Canary(version=version, share=share, since=now)})


def chosen(index: Index, name: str) -> Index:
    """The model answers requests that name none."""
    return index.model_copy(update={"default": name})


def withdrawn(index: Index, name: str, gone: Withdrawal) -> Index:
    """The index without the version in service; the same one where it is not, or nothing could follow it."""
    line = index.line(name)
    history = (*line.withdrawn, gone)[-REMEMBERED:]
    if line.canary is not None and line.canary.version == gone.version:
        return _with(index, name, {"canary": None, "withdrawn": history})
    if line.default == gone.version and line.former is not None:
        update = {"default": line.former, "former": None, "withdrawn": history}
        return _with(index, name, update)
    return index


def _with(index: Index, name: str, update: Mapping[str, object]) -> Index:
    line = index.line(name).model_copy(update=dict(update))
    # Validated anew: names and versions become parts of keys and paths.
    models = {**index.models, name: line.model_dump()}
    return Index.model_validate({"models": models, "default": index.default})
