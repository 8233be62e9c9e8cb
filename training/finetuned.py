"""From a base and folders of pictures to a bundle: what `classifycloud finetune` does, in order."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import keras

from classifier.bundle import KERAS, LABELS, NETWORK, Bundle, sha256
from classifier.catalog import Catalog
from classifier.classes import ClassName
from classifier.manifest import Manifest, Provenance
from training import album, bundling, exporting, finetune, labels_file, layers, network
from training.album import Album
from training.atomic import write
from training.errors import BundleExists
from training.export import openvino_network, save_keras
from training.finetune import CONSOLE, Plan
from training.finetune_step import FineStep, usual_cut
from training.keras_source import read
from training.run import Run

LOG = "training-log.csv"
CALIBRATION = 300  # pictures


@dataclass(frozen=True)
class Order:
    """What is asked for. `validation` holds pictures to measure on; a fifth of `data` when None."""

    base: Path
    data: Path
    out: Path
    name: str
    version: str
    run: Path
    freeze_to: str | None = None
    epochs: int | None = None
    seed: int = 0
    validation: Path | None = None

    @property
    def folder(self) -> Path:
        """Where the bundle is to be."""
        return self.out / self.name / self.version


def base_of(name: str) -> Path:
    """The folder of a base: itself, or that of a bundled model of this name; raises ModelNotFound."""
    folder = Path(name)
    return folder if folder.is_dir() else Catalog().find(name).folder


def make(order: Order) -> Bundle:
    """Trains, exports and measures; interrupted, it goes on when it is called again.

    Raises:
        BundleBroken: the base cannot be read, or has no Keras network.
        BundleExists: before the work.
        PicturesUnfit, NoSuchLayer, Unservable, RunMismatch
    """
    if order.folder.exists():
        raise BundleExists(f"{order.folder} exists already: give another --name or --version")
    base = Bundle.load(order.base)
    model, spec = read(base.keras), base.manifest.preprocessing
    learn, held = _albums(order, base)
    plan = Plan(order.freeze_to or usual_cut(model, spec.side))
    if order.epochs:
        plan = plan.lasting(order.epochs)
    keras.utils.set_random_seed(order.seed)  # of the new head
    step = FineStep(model, len(learn.names), plan.freeze_to)
    said = finetune.identity(plan, _digest(base), _fingerprint(learn), order.seed)
    run = Run(order.run, said)
    step.begin(learn.split)
    finetune.teach(step, plan, learn.split, held.split, run, order.seed)
    return _bundle(order, base, step.plain(), learn, held, run, said)


def _albums(order: Order, base: Bundle) -> tuple[Album, Album]:
    spec = base.manifest.preprocessing
    whole = album.read(order.data, spec)
    if order.validation is None:
        learn, held = album.parted(whole, order.seed)
    else:
        learn, held = whole, album.read(order.validation, spec, whole.names)
    for line in dict.fromkeys((*learn.broken, *held.broken)):
        CONSOLE.print(f"left out: {line}", soft_wrap=True)
    CONSOLE.print(
        f"{len(learn.names)} classes, {len(learn.paths)} pictures to learn from, "
        f"{len(held.paths)} to measure on"
    )
    return learn, held


def _bundle(
    order: Order,
    base: Bundle,
    model: keras.Model,
    learn: Album,
    held: Album,
    run: Run,
    said: dict[str, object],
) -> Bundle:
    side = base.manifest.preprocessing.side
    wide = order.run / "bundle"
    with bundling.anew(wide) as staging:
        save_keras(model, staging / KERAS)
        names = tuple(ClassName(class_id=name, name=name.replace("_", " ")) for name in learn.names)
        write(staging / LABELS, labels_file.document(names))
        write(staging / LOG, run.log().encode())
        network.save_exact(network.taking_bytes(openvino_network(model, side)), staging / NETWORK)
        try:
            layers.add_layers(staging, model, side)
        except layers.LayersUnreadable as error:
            CONSOLE.print(f"its layers will not be readable: {error}", soft_wrap=True)
        bundling.complete(staging, _manifest(order, base, model, learn, said))
    step = -(-len(learn.paths) // CALIBRATION)
    named = f"{held.paths[0].parents[1].name}, {len(held.paths)} pictures not trained on"
    exported = exporting.export(
        Bundle.load(wide), order.folder, "int8", learn.paths[::step], held.labeled, named
    )
    shutil.rmtree(wide, ignore_errors=True)
    return exported.bundle


def _manifest(
    order: Order, base: Bundle, model: keras.Model, learn: Album, said: dict[str, object]
) -> Manifest:
    about = base.manifest
    command = f"classifycloud finetune --base {about.name} --data DIR --seed {order.seed}"
    recipe = said["recipe"]
    assert isinstance(recipe, dict)
    return Manifest(
        name=order.name,
        version=order.version,
        architecture=f"{about.architecture}, fine-tuned",
        precision="f32",
        parameters=model.count_params(),
        classes=len(learn.names),
        preprocessing=about.preprocessing,
        files={},
        license=f"As of its base: {about.license}",
        notes=f"Fine-tuned from {about.name} {about.version} on {len(learn.paths)} pictures.",
        made=Provenance(
            command=command,
            seed=order.seed,
            backend=str(said["backend"]),
            recipe=recipe,
            log=LOG,
        ),
    )


def _digest(base: Bundle) -> str:
    return f"{base.manifest.name} {base.manifest.version} {sha256(base.keras)}"


def _fingerprint(learn: Album) -> str:
    digest = hashlib.sha256("\n".join(learn.names).encode())
    digest.update(learn.split.pictures[:].tobytes())
    return digest.hexdigest()
