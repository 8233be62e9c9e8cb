"""Pictures of the public page for the documentation, taken of a real service: `python -m tests.screenshots`.

They land in docs/images as WebP. With --all FOLDER, every state at every width in both schemes, to look at.
"""

import argparse
import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from tests.acceptance.public_page import answered
from tests.browser import HEIGHTS, PATIENCE, SCHEMES, WIDTHS, executable
from tests.service import Origin, Service, service

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "local" / "samples"
DOCS = ROOT / "docs" / "images"
FLOOD = 300  # jobs before ours, so that there is a queue to be seen
KEPT = {"idle-1440-light", "answer-1440-light", "answer-360-dark", "waiting-1440-light"}
LARGEST = 150_000  # bytes


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    folder: Path | None = parser.parse_args().all
    (folder or DOCS).mkdir(parents=True, exist_ok=True)
    states = STATES if folder is None else STATES | {"waiting": _as_if_waiting, "locked": _locked}
    with _service() as (running, slow), _browser() as browser:
        for scheme in SCHEMES:
            for width in WIDTHS:
                for state, take in states.items():
                    name = f"{state}-{width}-{scheme}"
                    if folder is None and name not in KEPT:
                        continue
                    page = _opened(browser, running, width, scheme)
                    take(page, running, slow)
                    _keep(page, (folder or DOCS) / f"public-{name}.webp", folder is not None)
                    page.context.close()


def _idle(page: Any, *_: object) -> None:
    page.wait_for_load_state("networkidle")


def _answer(page: Any, *_: object) -> None:
    page.set_input_files("#file", SAMPLES / "coffee.jpg")
    answered(page)
    page.locator("#past button").wait_for()


def _trouble(page: Any, *_: object) -> None:
    page.fill("#address", "http://10.0.0.1/cat.jpg")
    page.keyboard.press("Enter")
    page.locator("#trouble").wait_for()


def _waiting(page: Any, running: Service, slow: Origin) -> None:
    slow.delay = 8.0
    with httpx.Client(base_url=running.url, timeout=60) as client:
        for n in range(FLOOD):
            client.post("/jobs", json={"imageUrl": slow.url(f"coffee.jpg?{n}")})
    page.set_input_files("#file", SAMPLES / "chelsea.jpg")
    page.locator("#ahead").filter(has_text="picture").wait_for()
    with contextlib.suppress(Exception):
        page.locator("#workers").filter(has_text="starting").wait_for(timeout=8000)
    slow.delay = 0.0


def _as_if_waiting(page: Any, *_: object) -> None:
    # A queue for each of them would take minutes.
    page.set_input_files("#file", SAMPLES / "chelsea.jpg")
    answered(page)
    page.evaluate(
        "import('/page/waiting.js').then((wait) => { wait.begin(); wait.tell({ status: 'queued',"
        " position: 12, estimate: 8.2, workers: { ready: 1, starting: 2 } }); wait.end(); })"
    )


def _locked(page: Any, *_: object) -> None:
    page.evaluate(
        "Promise.all(['service', 'trouble'].map((each) => import(`/page/${each}.js`)))"
        ".then(([{ Refused }, { trouble }]) =>"
        " trouble(new Refused('unauthorized', ''), () => 0, () => 0))"
    )


STATES = {
    "waiting": _waiting,
    "idle": _idle,
    "answer": _answer,
    "trouble": _trouble,
}


def _opened(browser: Any, running: Service, width: int, scheme: str) -> Any:
    size = {"width": width, "height": HEIGHTS[width]}
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{running.url}/")
    return page


def _keep(page: Any, path: Path, whole: bool) -> None:
    page.evaluate("window.scrollTo(0, 0)")
    data = page.screenshot(animations="disabled", caret="hide", full_page=whole)
    Image.open(io.BytesIO(data)).convert("RGB").save(path, quality=86, method=6)
    size = path.stat().st_size
    assert whole or size < LARGEST, f"{path}: {size} bytes"
    print(f"{path}  {size / 1000:.0f} kB")


@contextlib.contextmanager
def _service() -> Iterator[tuple[Service, Origin]]:
    slow = Origin(SAMPLES)
    with tempfile.TemporaryDirectory() as folder:
        options = ("--min-workers=0", "--max-workers=3")
        with service(Path(folder) / "data", *options, fetch_allow=slow.host) as running:
            running.wait_ready(seconds=PATIENCE / 1000)
            yield running, slow
    slow.close()


@contextlib.contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        yield running
        running.close()


if __name__ == "__main__":
    main()
