"""From folders of pictures to a model in service, by the command; stopped in between, it goes on."""

import json
import signal
import subprocess
import time
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("keras")
pytest.importorskip("nncf")

from classifier.bundle import Bundle
from classifier.layers import listed
from tests.service import COMMAND, Origin, service
from training.run import rows_done

STRIPES, CHECKS, RINGS = "stripes", "checks", "rings"
LEARN, MEASURE = 10, 6
EPOCHS = "40"  # enough that seconds of work are left after the first


def drawn(kind: str, random: np.random.Generator) -> Image.Image:
    """A pattern in two random colors, with noise: what tells the classes apart is the pattern alone."""
    y, x = np.mgrid[:64, :64] + random.uniform(0, 64, (2, 1, 1))
    period = random.uniform(8, 16)
    wave = {
        STRIPES: np.sin(2 * np.pi * x / period),
        CHECKS: np.sin(2 * np.pi * x / period) * np.sin(2 * np.pi * y / period),
        RINGS: np.sin(2 * np.pi * np.hypot(x - 64, y - 64) / period),
    }[kind]
    one, two = random.uniform(0, 255, (2, 3))
    picture = np.where((wave > 0)[..., None], one, two) + random.normal(0, 12, (64, 64, 3))
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def drawings(folder: Path, count: int, seed: int) -> Path:
    random = np.random.default_rng(seed)
    for kind in (STRIPES, CHECKS, RINGS):
        (folder / kind).mkdir(parents=True)
        for at in range(count):
            drawn(kind, random).save(folder / kind / f"{at}.png")
    return folder


def command(data: Path, out: Path, *more: object) -> list[str]:
    return [str(COMMAND), "finetune", "--data", str(data), "--out", str(out), *map(str, more)]


@pytest.fixture(scope="module")
def patterns(tmp_path_factory):
    return drawings(tmp_path_factory.mktemp("album") / "patterns", LEARN, 1)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    return drawings(tmp_path_factory.mktemp("measured") / "patterns", MEASURE, 2)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory, patterns, measured):
    """What the command makes of the patterns, after it was told to stop once."""
    out = tmp_path_factory.mktemp("out") / "models"
    asked = command(patterns, out, "--validation", measured, "--epochs", EPOCHS)
    first = subprocess.Popen(
        asked,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    checkpoint = out / ".patterns.run" / "checkpoint.npz"
    end = time.monotonic() + 200
    while not checkpoint.exists() and first.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    assert first.poll() is None, first.communicate()
    first.send_signal(signal.SIGINT)
    said = first.communicate(timeout=60)
    assert first.returncode == 130, said
    assert "the same command goes on" in said[1]
    assert 1 <= len(rows_done(checkpoint)) < int(EPOCHS)
    subprocess.run(asked, check=True, capture_output=True, timeout=250)
    return out


def test_it_went_on_where_it_was_stopped(catalog):
    rows = (catalog / "patterns" / "1" / "training-log.csv").read_text().splitlines()[1:]
    assert [int(row.split(",")[0]) for row in rows] == list(range(1, int(EPOCHS) + 1))


def test_the_bundle_is_one_like_any_other(catalog):
    bundle = Bundle.load(catalog / "patterns" / "1")
    assert [each.name for each in bundle.labels] == [CHECKS, RINGS, STRIPES]
    assert bundle.manifest.classes == 3
    assert bundle.manifest.preprocessing.side == 64
    assert "Fine-tuned from tiny-inception 1 on 30 pictures" in bundle.manifest.notes
    assert {each.pictures for each in bundle.manifest.metrics} == {3 * MEASURE}
    assert [each.name for each in listed(bundle)][-1] == "head"
    assert bundle.manifest.metrics[-1].top1 > 0.6  # a third is chance


def test_it_is_served_at_once(catalog, measured, tmp_path):
    origin = Origin(measured)
    settings = {"models": str(catalog), "model": "patterns", "fetch_allow": origin.host}
    right = 0
    with service(tmp_path / "data", **settings) as running:
        running.wait_ready(workers=1)
        for kind in (STRIPES, CHECKS, RINGS):
            for at in range(MEASURE):
                url = origin.url(f"{kind}/{at}.png")
                said = httpx.get(f"{running.url}/classify", params={"url": url}, timeout=60).json()
                right += said["result"] == kind
                assert said["model"] == "patterns"
    origin.close()
    manifest = json.loads((catalog / "patterns" / "1" / "manifest.json").read_text())
    assert right == round(manifest["metrics"][-1]["top1"] * 3 * MEASURE)
