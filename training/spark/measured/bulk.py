"""The validation pictures of a table, classified on a cluster and by the engine alone."""

import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as parquet

from classifier.bundle import Bundle
from classifier.classify import Classifier
from classifier.engines.openvino import OpenVinoEngine
from classifier.preprocess import ImageLimits, prepare
from training.spark.bulk.classify import Order, classify, planned
from training.spark.session import connected

TOP = 5


@dataclass(frozen=True)
class Bulk:
    """`pictures` on so many `cores`: seconds of the job, seconds of its tasks, and answers that differ."""

    pictures: int
    cores: int
    seconds: float
    busy: float
    differing: int


def measure(table: Path, bundle: Bundle, cores: int, folder: Path) -> Bulk:
    """Twice over the same executors, the second time counted: the first one starts them."""
    output = folder / "labels"
    with connected(f"local-cluster[{cores},1,1024]", "bench", {}) as context:
        for place in (folder / "warm", output):
            plan = planned(bundle, Order(str(table), str(place), TOP))
            began = time.monotonic()
            report = classify(context, plan, lambda *_: None)
        seconds = time.monotonic() - began
    return Bulk(report.pictures, cores, seconds, report.seconds, _differing(table, bundle, output))


def _differing(table: Path, bundle: Bundle, output: Path) -> int:
    """Rows whose labels or confidences are not the engine's, one picture at a time."""
    classifier = Classifier(OpenVinoEngine.load(bundle, 1), bundle)
    images = parquet.read_table(table, columns=["image"]).column("image")
    count = 0
    for row in parquet.read_table(output).to_pylist():
        image = images[int(row["path"].rpartition("#")[2])].as_py()
        picture = prepare(image, bundle.manifest.preprocessing, ImageLimits())
        labels = classifier.classify([picture], TOP)[0]
        said = list(zip(row["labels"], row["confidences"], strict=True))
        count += said != [(label.name, label.confidence) for label in labels]
    return count
