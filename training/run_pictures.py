"""The pictures of a run, once more: those that it learned from, and those that it was measured on."""

from training import ordered
from training.decoded import Split
from training.errors import PicturesUnfit
from training.lab.data import Lessons, opened
from training.lab.run_folder import RunFolder
from training.recipe import Group, Phase, Recipe


def pictures(run: RunFolder) -> tuple[Split, Split]:
    """Both parts, of the network's side.

    Raises:
        PicturesUnfit: they are not those of the run any more.
        DataMissing, FetchFailed, OutOfSpace
    """
    wanted, recipe = ordered.kept(run.folder), _recipe(run)
    source = opened(wanted, recipe, int(run.identity["seed"]))
    if source.fingerprint != run.identity["fingerprint"]:
        raise PicturesUnfit(
            f"{wanted.data} has other pictures than when {run.folder} was trained: "
            "it could not be told how good it is"
        )
    lessons, side = Lessons(source, recipe.pictures), recipe.phases[-1].side
    return lessons.split("train", side), lessons.split("validation", side)


def _recipe(run: RunFolder) -> Recipe:
    """As much of the run's recipe as says which pictures it has."""
    said = run.identity["recipe"]
    return Recipe(
        name=said["name"],
        phases=tuple(Phase(**phase) for phase in said["phases"]),
        pictures=said["pictures"],
        groups=tuple(
            Group(**{**group, "members": tuple(group["members"])}) for group in said["groups"]
        ),
        loader=said["loader"],
        interpolation=said["interpolation"],
        detail=said["detail"],
    )
