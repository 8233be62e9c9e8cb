"""Which version answers which job: from a folder of bundles and the index of the bucket. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wire.errors import ModelNotFound
from wire.index import Index, Line

SHOWN = 64  # characters of a name that nobody knows


@dataclass(frozen=True, slots=True)
class Choice:
    """A version. `instead` is what may answer where it cannot: nobody asked for this one by its number."""

    name: str
    version: str
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class _Seat:
    """Who answers a question, and who answers it for a share of the jobs."""

    usual: Choice
    trial: Choice | None = None
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Lineup:
    """What can be asked for.

    Args:
        folder: versions of each model in the folder, the oldest first.
        usual: the model of requests that name none, where the index does not say.
        index: of the bucket.
    """

    folder: Mapping[str, Sequence[str]]
    usual: str
    index: Index = field(default_factory=Index)
    # Of what was asked before and is there: every job asks.
    _seats: "dict[tuple[str | None, str | None], _Seat]" = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def default(self) -> str:
        """The model that answers requests that name none."""
        chosen = self.index.default
        return chosen if chosen is not None and self.versions(chosen) else self.usual

    def names(self) -> list[str]:
        return sorted(
            {*self.folder, *(n for n, line in self.index.models.items() if line.versions)}
        )

    def versions(self, name: str) -> list[str]:
        """Of the folder, then those that only the bucket has, in the order of publication."""
        return list(dict.fromkeys([*self.folder.get(name, ()), *self._line(name).versions]))

    def serving(self, name: str) -> str | None:
        """The version that answers requests that name none; None where there is no such model."""
        versions, line = self.versions(name), self._line(name)
        if line.default in versions:
            return line.default
        beside = line.canary.version if line.canary is not None else None
        in_folder = self.folder.get(name, ())
        settled = [version for version in versions if version != beside or version in in_folder]
        return next(iter([*in_folder[-1:], *settled[-1:]]), None)

    def share(self, name: str, version: str) -> float:
        """The share, 0 to 1, of those requests that this version answers."""
        trial = self._trial(name)
        if trial is not None and trial[0] == version:
            return trial[1]
        rest = 1.0 - (trial[1] if trial is not None else 0.0)
        return rest if self.serving(name) == version else 0.0

    def pair(self, name: str) -> tuple[str, str] | None:
        """Its canary and the version that it is compared with; None where there is no canary."""
        trial, serving = self._trial(name), self.serving(name)
        return None if trial is None or serving is None else (trial[0], serving)

    def choose(self, name: str | None, version: str | None, job: str = "") -> Choice:
        """The version for a job, the same one whenever it is asked for the same job.

        Args:
            name: the model asked for, None for the default one.
            version: the version asked for; None for the one in service, or its canary for its share.
            job: the job's id; without one no canary is chosen.

        Raises:
            ModelNotFound: there is no such model or version; the text lists those there are.
        """
        found = self._seats.get((name, version))
        if found is None:
            found = self._seats[name, version] = self._seat(name or self.default, version)
        if found.trial is not None and job and drawn(found.trial.version, job) < found.share:
            return found.trial
        return found.usual

    def _seat(self, name: str, version: str | None) -> "_Seat":
        if version is not None:
            if version in self.versions(name):
                return _Seat(Choice(name, version))
            raise ModelNotFound(self._missing(name, version))
        serving, trial = self.serving(name), self._trial(name)
        if serving is None:
            raise ModelNotFound(self._missing(name, ""))
        former = self._line(name).former
        usual = Choice(name, serving, instead=former if former in self.versions(name) else None)
        if trial is None:
            return _Seat(usual)
        return _Seat(usual, Choice(name, trial[0], instead=serving), trial[1])

    def _trial(self, name: str) -> tuple[str, float] | None:
        canary = self._line(name).canary
        if canary is None or canary.version not in self.versions(name):
            return None
        return None if canary.version == self.serving(name) else (canary.version, canary.share)

    def _line(self, name: str) -> Line:
        return self.index.line(name)

    def _missing(self, name: str, version: str) -> str:
        asked = f"{name} {version}".strip()[:SHOWN]
        known = [f"{each} {one}" for each in self.names() for one in self.versions(each)]
        return f"There is no model {asked!r}; there are: {', '.join(known) or 'none'}."


def drawn(version: str, job: str) -> float:
    """0 to 1, evenly over jobs, and apart for each version: no job is in every trial."""
    digest = hashlib.blake2b(f"{version}\n{job}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
