"""Brings a bundle to every executor: what serving reads of it, in one archive."""

import uuid
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.bundle import KERAS, LAYERS, MANIFEST, Bundle

if TYPE_CHECKING:
    from pyspark import SparkContext


def ship(context: "SparkContext", bundle: Bundle, folder: Path) -> str:
    """The name under which `SparkFiles.get` finds the bundle's folder on an executor; another each time.

    Args:
        folder: of the driver, where the archive lies until the application ends.
    """
    name = f"{bundle.manifest.name}-{bundle.manifest.version}-{uuid.uuid4().hex[:8]}"
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in (MANIFEST, *sorted(bundle.manifest.files.keys() - {KERAS, *LAYERS})):
            archive.write(bundle.folder / file, file)
    context.addArchive(f"{path}#{name}")
    return name
