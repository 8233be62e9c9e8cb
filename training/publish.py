"""Makes a model bundle from a finished run, and measures it as it will be served."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import keras
import openvino

from classifier.bundle import KERAS, LABELS, MANIFEST, NETWORK, Bundle, sha256
from classifier.engines.openvino import OpenVinoEngine
from classifier.engines.tensorflow import TensorFlowEngine
from classifier.labels import ClassName
from classifier.manifest import Manifest, Measurement, Preprocessing, Provenance
from training import dataset, export
from training.architectures import tiny_inception
from training.atomic import write
from training.batches import Batch
from training.errors import RunUnfinished
from training.evaluate import first, prepared, score
from training.layers import add_layers
from training.metrics import Accuracy
from training.run import CHECKPOINT, Row, identity_of, rows_done, weights

NAME = "tiny-inception"
LOG = "training-log.csv"
DATA = "Tiny ImageNet, validation split"
# Tiny ImageNet's pictures were shrunk without averaging: docs/models.md has the comparison.
PREPROCESSING = Preprocessing(side=64, resize=64, interpolation="nearest", detail=3)
CALIBRATION = 1000
HEAD = 1000
WORST_DROP = 0.01  # of top-1 as a share of all pictures: one percentage point
NOTES = (
    f"int8 was made by post-training quantization over {CALIBRATION} training pictures and is "
    f"served unless its top-1 is more than {WORST_DROP * 100:g} percentage point below float32's."
)
LICENSE = (
    "Apache-2.0. Trained on Tiny ImageNet, whose pictures are for non-commercial research; "
    "use the weights accordingly."
)


def publish(run: Path, data: Path, cache: Path, out: Path, version: str = "1") -> Bundle:
    """Writes out/tiny-inception/<version>, measured and verified; replaces what was there.

    Raises:
        RunUnfinished: the run has epochs left to do.
        DataMissing: the data folder is not complete.
    """
    identity = identity_of(run)
    check_finished(run, identity["recipe"])
    return assemble(run, identity, data, cache, out / NAME / version)


def check_finished(run: Path, recipe: dict[str, Any]) -> None:
    """Raises RunUnfinished unless the log has all of the recipe's epochs."""
    planned = sum(phase["epochs"] for phase in recipe["phases"])
    done = len(rows_done(run / CHECKPOINT))
    if done < planned:
        raise RunUnfinished(f"{run} has done {done} of {planned} epochs: go on with fit first")


def assemble(run: Path, identity: dict[str, Any], data: Path, cache: Path, folder: Path) -> Bundle:
    """Builds the bundle beside `folder` and moves it there when it is whole."""
    staging = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    classes = dataset.classes(data)
    model = tiny_inception.build(len(classes))
    model.set_weights(weights(run / CHECKPOINT))
    export.save_keras(model, staging / KERAS)
    add_layers(staging, model, PREPROCESSING.side)
    write_labels(staging / LABELS, classes)
    shutil.copyfile(run / "log.csv", staging / LOG)
    provenance = made(identity, rows_done(run / CHECKPOINT))
    manifest = about(provenance, model, folder.name, len(classes))
    serve(staging, manifest, model, data, cache)
    shutil.rmtree(folder, ignore_errors=True)
    staging.rename(folder)
    return Bundle.load(folder)


def write_labels(path: Path, classes: Sequence[tuple[str, str]]) -> None:
    """labels.json; of a class's synonyms the first is shown."""
    names = [ClassName(class_id=wnid, name=name.split(",")[0]) for wnid, name in classes]
    entries = [name.model_dump(by_alias=True, exclude_none=True) for name in names]
    write(path, json.dumps(entries, indent=1, ensure_ascii=False).encode())


def made(identity: dict[str, Any], rows: Sequence[Row]) -> Provenance:
    """The command that trained the run; a run whose length changed names each length."""
    recipe, backend, seed = identity["recipe"], identity["backend"], identity["seed"]
    command = f"KERAS_BACKEND={backend} python -m training fit --recipe {recipe['name']}"
    command += f" --seed {seed} --data DIR --out RUN"
    spans = [list(span) for _, span in groupby(rows, lambda row: row.planned)]
    parts = [
        f"{command} --epochs {span[0].planned} (epochs {span[0].epoch} to {span[-1].epoch})"
        for span in spans
    ]
    return Provenance(
        command="; then ".join(parts), seed=seed, backend=backend, recipe=recipe, log=LOG
    )


def about(made: Provenance, model: keras.Model, version: str, classes: int) -> Manifest:
    """What is known of the bundle before it is measured."""
    return Manifest(
        name=NAME,
        version=version,
        architecture="training.architectures.tiny_inception",
        precision="f16",
        parameters=model.count_params(),
        classes=classes,
        preprocessing=PREPROCESSING,
        files={},
        license=LICENSE,
        made=made,
    )


def serve(staging: Path, manifest: Manifest, model: keras.Model, data: Path, cache: Path) -> None:
    """Adds the network to serve: int8, or f16 where int8's top-1 is over a percentage point lower."""
    side = manifest.preprocessing.side
    pictures = prepared(data, manifest.preprocessing)
    reference = score(TensorFlowEngine(model), pictures)
    whole = export.openvino_network(model, side)
    calibration = dataset.load(data, cache, "train", side).pictures[:CALIBRATION]
    small = export.quantized(whole.clone(), calibration)
    for precision, network in (("int8", small), ("f16", whole)):
        settled = manifest.model_copy(update={"precision": precision})
        served = _measured(staging, settled, network, pictures)
        if served.top1 >= reference.top1 - WORST_DROP:
            break
    head = score(OpenVinoEngine.load(Bundle.load(staging)), first(pictures, HEAD))
    metrics = (
        Measurement(engine="tensorflow float32", data=DATA, **asdict(reference)),
        Measurement(engine=f"openvino {precision}", data=DATA, **asdict(served)),
        Measurement(engine=f"openvino {precision}", data=f"{DATA}, first {HEAD}", **asdict(head)),
    )
    _write(staging, settled.model_copy(update={"metrics": metrics, "notes": NOTES}))


def _measured(
    staging: Path, manifest: Manifest, network: openvino.Model, pictures: Batch
) -> Accuracy:
    export.save(export.taking_bytes(network), staging / NETWORK)
    return score(OpenVinoEngine.load(_write(staging, manifest)), pictures)


def _write(folder: Path, manifest: Manifest) -> Bundle:
    """Completes the manifest with every file's sha256; the bundle, verified."""
    files = {path.name: sha256(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    whole = manifest.model_copy(update={"files": files})
    write(folder / MANIFEST, whole.model_dump_json(by_alias=True, indent=2).encode())
    return Bundle.load(folder)
