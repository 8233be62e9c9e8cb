"""docs/quickstart-training.md: its three commands, on a small folder, against a real service."""

import json
import os
import shlex
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("keras")
pytest.importorskip("nncf")
pytest.importorskip("jinja2")

from tests import docs_pages
from tests.service import COMMAND, service, wait_until

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "quickstart-training.md"
KINDS = {"lemons": (220, 200, 40), "plums": (110, 40, 120), "sea": (40, 130, 190)}
EPOCHS = "4"


def commands() -> list[list[str]]:
    """The page's first three."""
    return [shlex.split(each.text)[1:] for each in docs_pages.commands(PAGE)[:3]]


def painted(folder: Path, count: int, seed: int) -> Path:
    """So many pictures of each kind: its color, brighter or darker, under noise."""
    random = np.random.default_rng(seed)
    for kind, color in KINDS.items():
        (folder / kind).mkdir(parents=True)
        for at in range(count):
            noise = random.normal(0, 25, (64, 64, 3))
            picture = np.clip(np.array(color) * random.uniform(0.7, 1.1) + noise, 0, 255)
            Image.fromarray(picture.astype(np.uint8)).save(folder / kind / f"{at}.png")
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quickstart")
    painted(folder / "pictures", 40, 1)
    painted(folder / "new", 1, 2)
    return folder


@pytest.fixture(scope="module")
def running(place):
    with service(place / ".classifycloud", max_workers="1") as up:
        up.wait_ready(workers=1)
        yield up


def ran(place: Path, url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(COMMAND), *arguments],
        cwd=place,
        env=os.environ | {"CLASSIFYCLOUD_URL": url},
        capture_output=True,
        text=True,
        timeout=200,
    )


@pytest.fixture(scope="module")
def said(place, running):
    """What each of the commands printed; the first with fewer epochs than on the page."""
    train, publish, classify = commands()
    train[train.index("--epochs") + 1] = EPOCHS
    picture = place / "new" / "plums" / "0.png"
    shutil.copy(picture, place / classify[-1])
    found = []
    for each in (train, publish, classify):
        done = ran(place, running.url, *each)
        assert done.returncode == 0, (each, done.stdout, done.stderr)
        found.append(done.stdout)
        if each is publish:
            wait_until(lambda: "shapes" in running_models(running.url), 30, "the model in service")
    return found


def running_models(url: str) -> str:
    return httpx.get(f"{url}/models", timeout=10).text


def test_there_are_three_of_them():
    assert [each[0] for each in commands()] == ["train", "models", "classify"]


def test_the_report_is_one_file_that_asks_nobody(said, place):
    page = (place / "runs" / "shapes" / "report.html").read_text(encoding="utf-8")
    links: list[str] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag, attrs):
            links.extend(value or "" for name, value in attrs if name in ("src", "href"))

    Links().feed(page)
    assert all(link.startswith("data:") for link in links)
    assert "report.html" in said[0]
    assert all(kind in page for kind in KINDS)
    assert "classifycloud train" in page


def test_the_bundle_says_how_good_it_is_and_the_service_answers_with_it(said, place):
    (bundle,) = (place / "runs" / "shapes" / "bundles" / "shapes").iterdir()
    manifest = json.loads((bundle / "manifest.json").read_text())
    report = json.loads((place / "runs" / "shapes" / "report.json").read_text())
    assert report["classes"] == len(KINDS)
    wide = manifest["metrics"][0]
    assert wide["engine"] == "openvino f32"
    assert wide["top1"] == pytest.approx(report["top1"], abs=1 / report["pictures"] + 1e-6)
    assert "plums" in said[2].splitlines()[0]


def test_what_is_worse_than_what_serves_is_refused_and_can_be_forced(said, place, running):
    worse = ["train", "--data", "pictures", "--model", "dense", "--epochs", "1", "--rate", "10"]
    assert ran(place, running.url, *worse, "--out", "runs/worse").returncode == 0
    publish = ["models", "publish", "runs/worse", "--name", "shapes"]
    before = running_models(running.url)
    refused = ran(place, running.url, *publish, "--least", "99.5%")
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "99.50% is the least that was asked for" in refused.stderr
    assert "shapes 1, which it would replace, has" in refused.stderr
    assert "--anyway" in refused.stderr
    assert running_models(running.url) == before
    forced = ran(place, running.url, *publish, "--anyway")
    assert forced.returncode == 0, forced.stderr
    assert "shapes 2 is in" in forced.stdout
