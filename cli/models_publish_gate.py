"""What `classifycloud models publish` looks at before anything is sent: is the bundle good enough?"""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli import deployment
from cli.deployment import Deployment
from cli.exits import failed
from cli.models_publish_work import in_service

if TYPE_CHECKING:
    from classifier.manifest import Manifest
    from wire.index import Index

OVERRIDE = "Nothing was published. If it is to serve all the same: --anyway"


def let_pass(
    place: Deployment, index: "Index", folder: Path, least: float | None, anyway: bool
) -> None:
    """Says what speaks against the bundle; ends the command where that is enough to refuse it.

    Args:
        folder: the bundle's, whole.
        least: top-1 that is asked for, in 0..1.
        anyway: whether it is let pass whatever speaks against it.
    """
    from classifier.bundle import Bundle
    from training.publishable import judged
    from training.report.figures import read

    new = Bundle.load(folder).manifest
    found = judged(new, read(folder), answering(place, index, new), least)
    for said in found.notes:
        typer.echo(said, err=True)
    if found.refused and not anyway:
        failed(
            "\n".join([*(f"{new.name} {new.version}: {said}" for said in found.refused), OVERRIDE])
        )
    for said in found.refused:
        typer.echo(f"published anyway: {said}", err=True)


def answering(place: Deployment, index: "Index", new: "Manifest") -> "Manifest | None":
    """Of the version that answers under the same name now; None where there is none, or it is this one."""
    from classifier.bundle import MANIFEST
    from classifier.catalog import BUNDLED, Catalog
    from classifier.manifest import Manifest
    from wire.errors import QueueUnavailable
    from wire.index import bundle_key
    from wire.settings import Settings, load

    version = in_service(index, new.name)
    if version is None or version == new.version:
        return None
    catalog = Catalog(load(Settings).models or BUNDLED)
    if version in catalog.versions(new.name):
        return catalog.find(new.name, version).manifest
    try:
        data = deployment.files(place).read(bundle_key(new.name, version, MANIFEST))
    except QueueUnavailable as error:
        failed(f"{new.name} {version} could not be looked at: {error.__cause__ or error}")
    return None if data is None else Manifest.model_validate_json(data)
