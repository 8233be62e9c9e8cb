"""Which pictures a run has: what `--data` says, in the recipe's parts and classes."""

from dataclasses import dataclass, replace
from pathlib import Path

from training.decoded import Split
from training.errors import DataMissing, WrongRecipe
from training.lab import arrays, synced
from training.lab.folders import Folders
from training.lab.source import Grouped, Part, Parted, Source, checked
from training.lab.tables import Tables
from training.recipe import Recipe

SHARE = 0.2


@dataclass(frozen=True)
class Wanted:
    """Pictures as the user names them.

    Args:
        data: a folder, a file, `s3://BUCKET/PREFIX`, or None for what the recipe can fetch.
        cache: where decoded and fetched pictures are kept.
        share: of each class that is held out where no validation pictures are given apart.
        lenient: whether pictures that cannot be read are left out instead of refused.
    """

    data: str | None
    cache: Path
    share: float = SHARE
    lenient: bool = False

    @property
    def name(self) -> str:
        """What the data are called in what is made of them."""
        if self.data is None:
            return "fetched"
        if self.data.startswith(synced.SCHEME):
            return self.data.rstrip("/").rpartition("/")[2]
        return Path(self.data).resolve().name


@dataclass(frozen=True)
class Lessons:
    """A source in a recipe's measure."""

    source: Source
    most: int | None

    def split(self, part: Part, side: int) -> Split:
        """See Source."""
        return self.source.split(part, side).first(self.most)


def opened(wanted: Wanted, recipe: Recipe, seed: int) -> Source:
    """The pictures, in two parts.

    Raises:
        DataMissing, PicturesUnfit, FetchFailed, OutOfSpace
    """
    source = _source(wanted, recipe)
    if "validation" not in source.parts:
        source = Parted(source, wanted.share, seed)
    if Grouped.fits(source, recipe.groups):
        source = Grouped(source, recipe.groups)
    where = wanted.data or str(recipe.loader)
    checked(source, where, source.split("train", recipe.phases[0].side))
    return source


def _source(wanted: Wanted, recipe: Recipe) -> Source:
    if wanted.data is None:
        if recipe.loader is None:
            raise WrongRecipe(f"{recipe.name} needs pictures: say which, --data DIR")
        return arrays.fetched(recipe.loader)
    folder = Path(wanted.data)
    if wanted.data.startswith(synced.SCHEME):
        folder = synced.synced(wanted.data, wanted.cache)
    if not folder.exists():
        raise DataMissing(f"{folder} is not there: --data must name a folder of pictures")
    if any(folder.glob("*.parquet")) or (folder / "classes.txt").is_file():
        whole = Tables(folder, wanted.cache, wanted.lenient)
        if not Grouped.fits(whole, recipe.groups):
            return whole
        members = frozenset(each for group in recipe.groups for each in group.members)
        return replace(whole, only=members)
    if arrays.holds(folder):
        return arrays.of_files(folder, recipe.loader or folder.name)
    return Folders(folder, recipe.prepared_at, wanted.cache, wanted.lenient)
