"""Pictures of the operator's page for the documentation, taken of a real service under a real load.

`python -m tests.operate_screenshots [FOLDER]`: every width in both schemes into the folder; without one those
of the documentation, into docs/images.
"""

import concurrent.futures
import io
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from tests.browser import HEIGHTS, PATIENCE, SCHEMES, WIDTHS, executable
from tests.service import Origin, Service, service

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "local" / "samples"
DOCS = ROOT / "docs" / "images"
KEPT = ((1440, "light"), (1440, "dark"), (360, "light"))
LONG = 100.0  # seconds of load
MISSING = 0.03  # of the pictures: errors are worth seeing, too
LARGEST = 150_000  # bytes


def main() -> None:
    """Take them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    wanted = KEPT if folder is None else tuple((w, s) for w in WIDTHS for s in SCHEMES)
    origin = Origin(SAMPLES, delay=0.4)
    with tempfile.TemporaryDirectory() as data:
        options = ("--min-workers=0", "--max-workers=3")
        settings = {
            "fetch_allow": origin.host,
            "tick": "2",
            "heartbeat": "4",
            "scale_in_delay": "8",
        }
        with service(Path(data) / "data", *options, target_wait="1", **settings) as running:
            running.wait_ready(seconds=PATIENCE / 1000)
            _load(running, origin)
            _take(running, wanted, folder or DOCS)
    origin.close()


def _load(running: Service, origin: Origin) -> None:
    """Waves of requests."""
    end, dice = time.monotonic() + LONG, random.Random(4)
    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        while time.monotonic() < end:
            wave = 4 if int(end - time.monotonic()) % 50 < 25 else 22
            for _ in range(dice.randint(1, wave)):
                pool.submit(_ask, running, origin, dice.random())
            time.sleep(0.5)


def _ask(running: Service, origin: Origin, chance: float) -> None:
    name = "none.jpg" if chance < MISSING else "coffee.jpg"
    about = {"url": origin.url(f"{name}?{chance}")}
    httpx.get(f"{running.url}/classify", params=about, timeout=130)


def _take(running: Service, wanted: tuple[tuple[int, str], ...], folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        for width, scheme in wanted:
            size = {"width": width, "height": HEIGHTS[width]}
            page = browser.new_page(viewport=size, color_scheme=scheme)
            page.goto(f"{running.url}/operate")
            page.locator("#decisions li").first.wait_for()
            page.locator("#workers tbody tr, #workers .none").first.wait_for()
            page.wait_for_timeout(1500)
            _keep(
                page, folder / f"operate-{width}-{scheme}.webp", full=folder != DOCS or width > 500
            )
            page.close()
        browser.close()


def _keep(page: Any, path: Path, full: bool) -> None:
    shot = page.screenshot(full_page=full, animations="disabled", caret="hide")
    picture = Image.open(io.BytesIO(shot))
    for quality in (90, 80, 65, 50):
        picture.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size < LARGEST:
            return


if __name__ == "__main__":
    main()
