"""A run becomes a bundle that is measured, and the bundled one says what publishing would say today."""

import io

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("keras")
pytest.importorskip("nncf")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from classifier.bundle import Bundle  # noqa: E402
from classifier.catalog import Catalog  # noqa: E402
from training import publish  # noqa: E402
from training.architectures import tiny_inception  # noqa: E402
from training.fit import Order, fit  # noqa: E402
from training.lab.data import Wanted  # noqa: E402
from training.recipe import Phase, Recipe  # noqa: E402
from training.schedule import OneCycle  # noqa: E402

RECIPE = Recipe("test", (Phase(32, 1),), batch=8, schedule=OneCycle(0.05))


def jpeg(random):
    buffer = io.BytesIO()
    Image.fromarray(random.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def data(tmp_path):
    """Three classes of noise, in the data set's format."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "classes.txt").write_text("n0\tred, rouge\nn1\tgreen\nn2\tblue")
    random = np.random.default_rng(0)
    for split, count in (("train", 16), ("validation", 12)):
        table = pyarrow.table(
            {
                "image": [jpeg(random) for _ in range(count)],
                "label": [at % 3 for at in range(count)],
            }
        )
        parquet.write_table(table, folder / f"{split}-00000-of-00001.parquet")
    return folder


def test_a_finished_run_is_published_again_in_the_same_place(data, tmp_path, monkeypatch):
    module = tiny_inception.Module(8, 8, 8, 8, 8)
    monkeypatch.setattr(tiny_inception, "STAGES", ((module,), (module,), (module,)))
    fit(Order(Wanted(str(data), tmp_path / "cache"), RECIPE, tmp_path / "run"))
    for _ in range(2):
        publish.publish(tmp_path / "run", data, tmp_path / "cache", tmp_path / "out")
    bundle = Bundle.load(tmp_path / "out" / publish.NAME / "1")
    assert [name.name for name in bundle.labels] == ["red", "green", "blue"]
    reference, served, _ = bundle.manifest.metrics
    assert reference.engine == "tensorflow float32"
    assert served.engine == f"openvino {bundle.manifest.precision}"
    assert served.top1 >= reference.top1 - 0.01 or bundle.manifest.precision == "f16"
    assert [path.name for path in (tmp_path / "out" / publish.NAME).iterdir()] == ["1"]


def test_the_bundled_notes_name_the_rule_in_percentage_points():
    assert "more than 1 percentage point below" in publish.NOTES
    assert Catalog().find(publish.NAME, "1").manifest.notes == publish.NOTES
