"""The page in a headless Chromium, and what one sees from outside of its memory and of its life."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
MEBI = 2**20
LOOK = """() => ({
  state: document.getElementById("pulse").dataset.state,
  age: Date.now() / 1000 - Number(document.getElementById("pulse").dataset.tick),
})"""


class NoBrowser(Exception):
    """There is no Chromium; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One look: seconds since the first, MiB of JavaScript's heap after a collection, nodes and listeners
    that live, whether it says that it is live, and how old in seconds its newest tick was."""

    at: float
    heap: float
    nodes: int
    listeners: int
    live: bool
    age: float


class Page:
    """An open page."""

    def __init__(self, page: Any, devtools: Any) -> None:
        self._page = page
        self._devtools = devtools

    async def look(self, at: float) -> Looked:
        """See how it is."""
        said = await self._page.evaluate(LOOK)
        await self._devtools.send("HeapProfiler.collectGarbage")
        told = (await self._devtools.send("Performance.getMetrics"))["metrics"]
        found = {each["name"]: each["value"] for each in told}
        return Looked(
            at,
            found["JSHeapUsedSize"] / MEBI,
            int(found["Nodes"]),
            int(found["JSEventListeners"]),
            said["state"] == "live",
            said["age"],
        )


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Page]:
    """The page while the block runs.

    Raises:
        NoBrowser: there is none, or nothing to drive it with.
    """
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoBrowser(f"None of {', '.join(NAMES)} is installed, and CHROMIUM names none.")
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise NoBrowser("Playwright is not installed: make install-dev") from error
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Performance.enable")
        await page.goto(f"{url}/operate")
        await page.wait_for_selector("#pulse[data-state=live][data-tick]")
        try:
            yield Page(page, devtools)
        finally:
            await browser.close()
