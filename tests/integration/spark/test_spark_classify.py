"""Stored pictures classified on a cluster: what the engine says, and a row for each that cannot be read."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
from PIL import Image

pytest.importorskip("pyspark")

from classifier.catalog import Catalog
from classifier.classify import Classifier
from classifier.engines.openvino import OpenVinoEngine
from classifier.preprocess import ImageLimits, prepare
from tests.service import COMMAND
from training.spark import java
from training.spark.bulk.frame import labeled
from training.spark.errors import JavaUnfit
from training.spark.session import connected

pytestmark = pytest.mark.spark

COUNT, PIECE, PATIENCE = 200, 60, 150
CORRUPT, CUT = "a/0006.png", "b/0011.jpg"


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COMMAND), "classify", *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@pytest.fixture
def _java():
    try:
        java.check()
    except JavaUnfit as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    folder, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for at in range(COUNT):
        name = f"{'ab'[at % 2]}/{at:04}.{'jpg' if at % 3 else 'png'}"
        (folder / name).parent.mkdir(exist_ok=True)
        coarse = random.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(coarse).resize((90, 70), Image.Resampling.BICUBIC).save(folder / name)
    (folder / CORRUPT).write_bytes(b"no picture at all")
    cut = folder / CUT
    cut.write_bytes(cut.read_bytes()[:300])
    return folder


def answers(paths: list[Path]) -> dict[str, list[tuple[str, str, float]]]:
    """The engine's own, a picture at a time."""
    bundle = Catalog().find()
    classifier = Classifier(OpenVinoEngine.load(bundle, 1), bundle)
    found = {}
    for path in paths:
        picture = prepare(path.read_bytes(), bundle.manifest.preprocessing, ImageLimits())
        labels = classifier.classify([picture], 3)[0]
        found[str(path)] = [(each.name, each.class_id, each.confidence) for each in labels]
    return found


@pytest.mark.usefixtures("_java")
def test_rows_are_the_engines_answers_and_what_was_there_is_not_done_again(pictures, tmp_path):
    out = tmp_path / "labels"
    asked = (
        "--spark",
        "local[2]",
        "--input",
        pictures,
        "--output",
        out,
        "--top",
        3,
        "--piece",
        PIECE,
        "--json",
    )
    first = run(*asked)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["refused"] == 2
    rows = {row["path"]: row for row in parquet.read_table(out).to_pylist()}
    assert len(rows) == COUNT
    broken = {str(pictures / CORRUPT), str(pictures / CUT)}
    assert {path for path, row in rows.items() if row["error"]} == broken
    assert rows[str(pictures / CORRUPT)]["error"] == "unsupported_format"
    assert rows[str(pictures / CUT)]["error"] == "invalid_image"
    for path, labels in answers([Path(path) for path in rows.keys() - broken]).items():
        row = rows[path]
        said = list(zip(row["labels"], row["class_ids"], row["confidences"], strict=True))
        assert said == labels

    part = sorted(out.glob("part-*.parquet"))[0]
    before, whole = {path: path.stat().st_mtime_ns for path in out.iterdir()}, part.read_bytes()
    part.unlink()
    again = run(*asked)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["before"] == COUNT - PIECE
    assert part.read_bytes() == whole
    kept = {path for path in before if path.name.startswith("part-") and path != part}
    assert all(path.stat().st_mtime_ns == before[path] for path in kept)


@pytest.mark.usefixtures("_java")
def test_results_of_something_else_are_not_mixed_in(pictures, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    ended = run("--spark", "local[1]", "--input", pictures, "--output", tmp_path)
    assert ended.returncode == 1
    assert "mine.txt" in ended.stderr
    assert "--output" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_java_the_remedy_is_told(pictures, tmp_path):
    ended = run(
        "--spark", "local[1]", "--input", pictures, "--output", tmp_path / "out",
        PATH=str(tmp_path), JAVA_HOME="",
    )  # fmt: skip
    assert ended.returncode == 1
    assert "no Java" in ended.stderr
    assert "JAVA_HOME" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("_java")
def test_a_data_frame_keeps_its_other_columns_and_gets_labels(pictures):
    from pyspark.sql import SparkSession

    paths = sorted(pictures.glob("*/*"))[:9]
    cells = [(str(path), bytearray(path.read_bytes())) for path in paths]
    with connected("local[2]", "test", {}) as context:
        frame = SparkSession(context).createDataFrame(
            [*cells, ("none", None)], "path string, image binary"
        )
        rows = {row.path: row for row in labeled(frame, Catalog().find(), top=3).collect()}
    assert len(rows) == 10
    assert rows["none"].error == "unreadable"
    sound = [path for path in paths if not str(path).endswith((CORRUPT, CUT))]
    for path, labels in answers(sound).items():
        row = rows[path]
        assert list(zip(row.labels, row.class_ids, row.confidences, strict=True)) == labels
