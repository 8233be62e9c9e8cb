"""Makes a model bundle from a finished run, and measures it as it will be served."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import keras
import openvino

from classifier.bundle import KERAS, LABELS, NETWORK, Bundle
from classifier.engines.openvino import OpenVinoEngine
from classifier.engines.tensorflow import TensorFlowEngine
from classifier.labels import ClassName
from classifier.manifest import Manifest, Measurement, Preprocessing, Provenance
from training import bundling, dataset, export, labels_file
from training.architectures import tiny_inception
from training.atomic import write
from training.batches import Batch
from training.errors import RunUnfinished
from training.evaluate import first, prepared, score
from training.gate import WORST_DROP, first_good
from training.lab.run_folder import CHECKPOINT, Row, rows_done
from training.layers import add_layers
from training.metrics import Accuracy
from training.run import identity_of, weights

NAME = "tiny-inception"
LOG = "training-log.csv"
DATA = "Tiny ImageNet, validation split"
# Tiny ImageNet's pictures were shrunk without averaging: docs/models.md has the comparison.
PREPROCESSING = Preprocessing(side=64, resize=64, interpolation="nearest", detail=3)
CALIBRATION = 1000
HEAD = 1000
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
    with bundling.anew(folder) as staging:
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
    return Bundle.load(folder)


def write_labels(path: Path, classes: Sequence[tuple[str, str]]) -> None:
    """labels.json; of a class's synonyms the first is shown."""
    names = [ClassName(class_id=wnid, name=name.split(",")[0]) for wnid, name in classes]
    write(path, labels_file.document(tuple(names)))


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
    networks = {"int8": export.quantized(whole.clone(), calibration), "f16": whole}

    def measured(precision: str) -> Accuracy:
        settled = manifest.model_copy(update={"precision": precision})
        return _measured(staging, settled, networks[precision], pictures)

    precision, served = first_good(tuple(networks), measured, reference)
    head = score(OpenVinoEngine.load(Bundle.load(staging)), first(pictures, HEAD))
    metrics = (
        Measurement(engine="tensorflow float32", data=DATA, **asdict(reference)),
        Measurement(engine=f"openvino {precision}", data=DATA, **asdict(served)),
        Measurement(engine=f"openvino {precision}", data=f"{DATA}, first {HEAD}", **asdict(head)),
    )
    said = {"precision": precision, "metrics": metrics, "notes": NOTES}
    bundling.complete(staging, manifest.model_copy(update=said))


def _measured(
    staging: Path, manifest: Manifest, network: openvino.Model, pictures: Batch
) -> Accuracy:
    export.save(export.taking_bytes(network), staging / NETWORK)
    return score(OpenVinoEngine.load(bundling.complete(staging, manifest)), pictures)
