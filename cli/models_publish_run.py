"""`classifycloud models publish RUN`: the bundle that is made of a training run on its way into service."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.reasons import refusing

if TYPE_CHECKING:
    from wire.index import Index

BUNDLES = "bundles"


def is_run(folder: Path) -> bool:
    """Whether it is a training run's folder and no bundle's."""
    return (folder / "run.json").is_file() and not (folder / "manifest.json").exists()


def bundle_of(run: Path, name: str | None, version: str | None, index: "Index") -> Path:
    """The folder of the run's bundle: RUN/bundles/NAME/VERSION, made now or, of the same epoch, earlier.

    Args:
        name: the run's own where None.
        version: the next number where None.
        index: the models in service; no version of theirs is taken twice.

    Ends the command where none can be made.
    """
    called = name or named_after(run)
    known = _made(run / BUNDLES, called)
    with refusing():
        if version is None and known and _current(run, run / BUNDLES / called / known[-1]):
            return run / BUNDLES / called / known[-1]
        from training.lab.run_folder import RunFolder
        from training.run_bundle import bundle
        from training.run_pictures import pictures

        chosen = version or following([*known, *_serving(called), *index.line(called).versions])
        folder = RunFolder(run)
        made = bundle(folder, *pictures(folder), run / BUNDLES / called / chosen)
    for each in made.manifest.metrics:
        typer.echo(f"{each.engine:14} top-1 {each.top1:.2%} of {each.pictures} pictures", err=True)
    return made.folder


def named_after(run: Path) -> str:
    """The folder's name as a model may be called."""
    return re.sub(r"[^a-z0-9._-]+", "-", run.resolve().name.lower()).strip("-._")[:64] or "model"


def following(versions: list[str]) -> str:
    """The next number after those that are numbers."""
    return str(max((int(each) for each in versions if each.isdigit()), default=0) + 1)


def _current(run: Path, bundle: Path) -> bool:
    """Whether a bundle is what the run came to, as it stands now."""
    from training.lab.run_folder import RunFolder
    from training.report.figures import read

    best, now, then = RunFolder(run).best_row, read(run), read(bundle)
    if best is None or now is None or then is None:
        return False
    return bool(then["epoch"] == best.epoch and then["loss"] == now["loss"])


def _made(bundles: Path, name: str) -> list[str]:
    from classifier.catalog import Catalog

    return Catalog(bundles).versions(name)


def _serving(name: str) -> list[str]:
    from classifier.catalog import BUNDLED, Catalog
    from wire.settings import Settings, load

    return Catalog(load(Settings).models or BUNDLED).versions(name)
