"""A real headless Chromium for tests of pages: one a module, with every request it makes written down.

A test module takes the fixtures `browser` and `visit` (both are in `tests/acceptance/conftest.py`):

    def test_it(visit, running):
        page = visit(f"{running.url}/", width=360, scheme="dark")
        page.get_by_role("button", name="Classify").click()
        page.seen.nothing_from_outside()

`page` is Playwright's own. Whatever the test does, `visit` fails it in the end where the page asked for
something from another origin, broke its policy, or threw.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120_000.0  # milliseconds; CI is slower than any machine that this was written on
WIDTHS, SCHEMES = (360, 768, 1440), ("light", "dark")
HEIGHTS = {360: 740, 768: 1024, 1440: 900}
LOCAL = {"", "about", "blob", "data"}  # schemes of addresses that lead nowhere


def executable() -> str:
    """Where Chromium is; skips the test where it is not."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"needs Chromium: none of {', '.join(NAMES)} is installed, CHROMIUM names none")
    pytest.importorskip("playwright.sync_api", reason="needs Playwright: make install-dev")
    return found


@dataclass
class Seen:
    """What a page did while somebody looked."""

    origin: str
    requests: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)

    def outside(self) -> list[str]:
        """Requests to another origin than the page's own."""
        return [each for each in self.requests if not self._own(each)]

    def faults(self) -> list[str]:
        """Everything that no page of ours may do."""
        asked = [f"asked outside: {each}" for each in self.outside()]
        broke = [f"broke its policy: {each}" for each in self.violations]
        return asked + broke + [f"threw: {each}" for each in self.thrown]

    def _own(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in LOCAL or f"{parts.scheme}://{parts.netloc}" == self.origin


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Playwright's browser; the sandbox is off because tests may run as root in a container."""
    path = executable()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens an address in a window of its own and gives the page, `page.seen` with it."""
    contexts: list[Any] = []
    watched: list[Seen] = []

    def opened(url: str, width: int = 1440, scheme: str = "light", **about: Any) -> Any:
        size = {"width": width, "height": HEIGHTS.get(width, 900)}
        context = browser.new_context(viewport=size, color_scheme=scheme, **about)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.seen = watch(page, url)
        watched.append(page.seen)
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [fault for seen in watched for fault in seen.faults()] == []


def watch(page: Any, url: str) -> Seen:
    """Write down from now on what a page asks for, breaks and throws."""
    parts = urlsplit(url)
    seen = Seen(f"{parts.scheme}://{parts.netloc}")
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("pageerror", lambda error: seen.thrown.append(str(error)))
    # The page's own report would be the page's to forge; Chromium writes each refusal to the console.
    page.on("console", lambda said: _note(seen, said.text))
    return seen


SETTLED = """() => Promise.allSettled(
    document.getAnimations()
        .filter(each => each.effect.getTiming().iterations !== Infinity)
        .map(each => each.finished)
).then(() => null)"""


def axe(page: Any) -> list[str]:
    """What axe-core has against the page as it is: a line for each violation, none when all is well."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(SETTLED)  # what fades in has no contrast yet
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes']]}"
        for each in found
    ]


def keep(page: Any, path: Path, full: bool = False) -> None:
    """A screenshot, without anything that moves."""
    page.screenshot(path=str(path), full_page=full, animations="disabled", caret="hide")


def _note(seen: Seen, text: str) -> None:
    if "Content Security Policy" in text or "Content-Security-Policy" in text:
        seen.violations.append(text)
