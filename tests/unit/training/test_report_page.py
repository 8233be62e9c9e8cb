"""The page of a run: it asks nobody, runs nothing of other people's, and holds what it promises."""

import base64
import hashlib
import io
import json
import re
from dataclasses import asdict
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from training.errors import RunMismatch, RunUnfinished
from training.lab.run_folder import Row
from training.report import figures, making

EVIL = '<script>alert("x")</script>&"\''
NAMES = ("cat", EVIL, "owl")
SIDE = 8


def row(epoch, loss=1.0, top1=0.5, validation_loss=1.0, validation_top1=0.5):
    return Row(
        epoch=epoch,
        planned=3,
        side=SIDE,
        steps=10 * epoch,
        loss=loss,
        top1=top1,
        top5=1.0,
        validation_loss=validation_loss,
        validation_top1=validation_top1,
        validation_top5=1.0,
        rate=0.1,
        pictures_per_second=100.0,
        seconds=2.0,
        waiting_seconds=0.5,
        computing_seconds=1.5,
    )


def written(folder, rows, names=NAMES):
    """A run of six validation pictures, of which two are wrong."""
    folder.mkdir(parents=True)
    identity = {
        "recipe": {"name": EVIL, "architecture": "dense", "batch": 4},
        "seed": 7,
        "data": "pictures",
        "fingerprint": "ab" * 32,
        "backend": "tensorflow",
        "classes": len(names),
        "pictures": {"train": 12, "validation": 6},
        "parameters": 1234567,
    }
    (folder / "run.json").write_text(json.dumps(identity))
    classes = [{"classId": name, "name": name} for name in names]
    (folder / "classes.json").write_text(json.dumps(classes))
    said = json.dumps([asdict(each) for each in rows])
    np.savez(folder / "checkpoint.npz", rows=np.array(said))
    labels = np.arange(6) % len(names)
    scores = np.full((6, len(names)), 0.1 / (len(names) - 1), np.float32)
    answers = np.where(np.isin(np.arange(6), (1, 4)), 0, labels)
    scores[np.arange(6), answers] = 0.9
    files = np.array([f"{at}/{EVIL}.png" for at in range(6)])
    np.savez(
        folder / "predictions.npz",
        epoch=2,
        scores=scores,
        labels=labels.astype(np.int32),
        pictures=files,
    )
    pixels = np.zeros((2, SIDE, SIDE, 3), np.uint8)
    pixels[1] = (255, 0, 0)
    np.savez(folder / "worst.npz", places=np.array([1, 4], np.int32), pictures=pixels)
    return folder


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text, self.inside = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.inside.append(tag)

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture
def run(tmp_path):
    return written(tmp_path / "run", [row(1), row(2), row(3)])


@pytest.fixture
def page(run):
    return making.make(run).page.read_text(encoding="utf-8")


def test_it_asks_nobody_for_anything(page):
    for tag, name, value in Reader(page).attributes:
        if name in {"src", "href", "srcset", "data", "action", "poster"}:
            assert value.startswith("data:"), (tag, name, value)
    rest = re.sub(r"data:image/png;base64,[\w+/=]+", "", page)
    assert not re.search(r"https?:|//[a-z]|url\(|@import", rest)


def test_other_peoples_text_stays_text(page):
    found = Reader(page)
    assert found.tags.count("script") == 1
    assert EVIL not in page
    assert EVIL in "".join(found.text)
    assert not [each for each in found.attributes if each[1].startswith("on")]


def test_its_policy_lets_its_own_script_run_and_no_other(page):
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = (v for t, n, v in Reader(page).attributes if t == "meta" and "default-src" in v)
    assert policy.split("; ")[0] == "default-src 'none'"
    assert f"script-src 'sha256-{digest}'" in policy


def test_the_worst_errors_are_shown_in_the_pixels_that_were_kept(page):
    shown = [v for t, n, v in Reader(page).attributes if (t, n) == ("img", "src")]
    pictures = [Image.open(io.BytesIO(base64.b64decode(each.split(",")[1]))) for each in shown]
    assert [each.getpixel((0, 0)) for each in pictures] == [(0, 0, 0), (255, 0, 0)]


def test_the_figures_are_those_of_the_predictions(run):
    making.make(run)
    found = figures.read(run)
    assert found is not None
    assert (found["top1"], found["pictures"], found["epoch"], found["epochs"]) == (4 / 6, 6, 2, 3)
    assert found["majority"] == pytest.approx(1 / 3)
    assert found["loss"] == pytest.approx(-(4 * np.log(0.9) + 2 * np.log(0.05)) / 6, rel=1e-5)
    assert found["confused"] == [{"true": EVIL, "said": "cat", "count": 2, "share": 1.0}]
    assert [each["recall"] for each in found["perClass"]] == [1.0, 0.0, 1.0]
    assert found["perClass"][0]["precision"] == 0.5
    assert found["seconds"] == {
        "training": 6.0,
        "waiting": 1.5,
        "computing": 4.5,
        "waitingShare": 0.25,
    }
    assert found["finished"] is None
    assert found["seed"] == 7


def test_over_fitting_is_said_on_the_page(tmp_path):
    rows = [row(1), row(2, top1=0.9, validation_top1=0.5), row(3)]
    page = making.make(written(tmp_path / "run", rows)).page.read_text()
    assert "Over-fitting." in page
    assert "40 points less" in page


def test_a_network_that_came_apart_is_reported_all_the_same(run):
    with np.load(run / "predictions.npz") as kept:
        said = dict(kept)
    said["scores"][:] = np.nan
    np.savez(run / "predictions.npz", **said)
    assert making.make(run).figures.top1 == pytest.approx(1 / 3)
    assert figures.read(run) is not None


def test_many_classes_have_no_matrix_and_few_have(tmp_path, page):
    many = tuple(f"class {at}" for at in range(31))
    big = making.make(written(tmp_path / "many", [row(1), row(2)], many)).page.read_text()
    assert 'class="matrix"' in page
    assert 'class="matrix"' not in big
    assert "class 30" in big


def test_what_is_no_run_and_what_has_not_begun_are_refused(tmp_path, run):
    with pytest.raises(RunMismatch, match="holds no run"):
        making.make(tmp_path)
    (run / "checkpoint.npz").unlink()
    with pytest.raises(RunUnfinished, match="has not ended its first epoch"):
        making.make(run)
