"""From a run of `classifycloud train` to a bundle: its best network, measured as it will be served.

The pictures are handed on as PNG files of the network's own size, which the serving preprocessing leaves as
they are: what is measured are the pixels that training measured.
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from classifier.bundle import KERAS, LABELS, NETWORK, Bundle
from classifier.manifest import Manifest, Preprocessing, Provenance
from training import bundling, exporting, layers, network
from training.atomic import beside, roomy, sweep, write
from training.decoded import CONSOLE, Split
from training.export import openvino_network, save_keras
from training.keras_source import read
from training.lab.run_folder import Predictions, RunFolder, as_csv
from training.pictures import Labeled
from training.report import figures
from training.report.making import command, make

LOG = "training-log.csv"
CALIBRATION = 300  # pictures
AT_ONCE = 256


def bundle(run: RunFolder, learn: Split, held: Split, folder: Path) -> Bundle:
    """Writes `folder`, which is ⟨name⟩/⟨version⟩: int8 unless that costs more than a point, see `exporting`.

    Args:
        run: finished or not; the epoch with the lowest validation loss is taken.
        learn: pictures to take int8's ranges from, of the network's side.
        held: the validation pictures, those that the run was measured on.

    Raises:
        BundleExists, BundleBroken, Unservable: nothing is left behind.
        RunUnfinished: it has not done an epoch.
    """
    with _workplace(run.folder) as place:
        found = make(run.folder).figures
        wide = _wide(run, found, place / folder.parent.name / folder.name)
        step = -(-len(learn.labels) // CALIBRATION)
        calibration = _files(place / "learn", learn.chosen(np.arange(len(learn.labels))[::step]))
        measured = _files(place / "held", held)
        labeled = [
            Labeled(path, (int(label),)) for path, label in zip(measured, held.labels, strict=True)
        ]
        said = data(run.identity, run.predictions())
        return exporting.export(wide, folder, "int8", calibration, labeled, said).bundle


def data(identity: dict[str, object], held: Predictions) -> str:
    """What the manifest calls the validation pictures: the same for the same ones, whatever the run."""
    digest = hashlib.sha256("\n".join(held.pictures).encode())
    digest.update(held.labels.astype("<i4").tobytes())
    name = Path(str(identity.get("data"))).name
    return f"{name}, {len(held.labels)} pictures not trained on ({digest.hexdigest()[:8]})"


def _wide(run: RunFolder, found: figures.Figures, folder: Path) -> Bundle:
    """In float32, not measured yet."""
    spec = Preprocessing.model_validate(run.identity["preprocessing"])
    model = read(run.best)
    with bundling.anew(folder) as staging:
        save_keras(model, staging / KERAS)
        write(staging / LABELS, (run.folder / "classes.json").read_bytes())
        write(staging / LOG, as_csv(run.rows).encode())
        write(staging / figures.FILE, (run.folder / figures.FILE).read_bytes())
        taking = network.taking_bytes(openvino_network(model, spec.side))
        network.save_exact(taking, staging / NETWORK)
        try:
            layers.add_layers(staging, model, spec.side)
        except layers.LayersUnreadable as error:
            CONSOLE.print(f"its layers will not be readable: {error}", soft_wrap=True)
        manifest = Manifest(
            name=folder.parent.name,
            version=folder.name,
            architecture=str(found.recipe.get("architecture")),
            precision="f32",
            parameters=model.count_params(),
            classes=len(found.names),
            preprocessing=spec,
            files={},
            license="None stated. The pictures that it was trained on may limit its use.",
            notes=" ".join(
                (f"Epoch {found.kept} of a run on {found.identity.get('data')}.", *found.warnings)
            ),
            made=Provenance(
                command=command(found, run.folder),
                seed=int(found.identity["seed"]),
                backend=str(found.identity["backend"]),
                recipe=found.recipe,
                log=LOG,
            ),
        )
        bundling.complete(staging, manifest)
    return Bundle.load(folder)


@contextmanager
def _workplace(run: Path) -> Iterator[Path]:
    """A folder that is gone afterwards; what kills left of earlier ones goes now."""
    sweep(run)
    place = beside(run / "bundle")
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _files(folder: Path, split: Split) -> list[Path]:
    """Its pictures, in order; a few of them are in memory at once."""
    folder.mkdir()
    paths: list[Path] = []
    for start in range(0, len(split.labels), AT_ONCE):
        for picture in split.pictures[start : start + AT_ONCE]:
            paths.append(folder / f"{len(paths):06d}.png")
            with roomy(paths[-1]):
                Image.fromarray(picture).save(paths[-1], compress_level=1)
    return paths
