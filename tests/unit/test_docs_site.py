"""The site: it builds without a warning, no page is out of reach, and a reader's browser asks nobody else."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs_links import outside, pages

pytest.importorskip("mkdocs")

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(#[^)\s]+)?\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.M | re.S)


class Loaded(HTMLParser):
    """What a page makes the browser fetch, or show from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and given.get("rel") in ("canonical", "next", "prev"):
            return
        wanted = {"link": "href", "script": "src", "img": "src", "iframe": "src"}.get(tag)
        self.addresses.append(given.get(wanted or "") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)]
    env = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(build, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


def settings() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    return found


def in_navigation(entry: Any) -> list[str]:
    """The pages below an entry of the navigation."""
    if isinstance(entry, str):
        return [entry]
    below = entry.values() if isinstance(entry, dict) else entry
    return [page for each in below for page in in_navigation(each)]


def test_it_builds_and_asks_nobody_else(site: Path) -> None:
    assert (site / "README.html").exists() or (site / "index.html").exists()
    loaded = Loaded()
    for page in site.rglob("*.html"):
        loaded.feed(page.read_text(encoding="utf-8"))
    assert [each for each in loaded.addresses if each.startswith(("http:", "https:", "//"))] == []


def test_a_successor_reads_the_same_file() -> None:
    """docs/decisions/0036-docs-site.md."""
    found = settings()
    assert found["plugins"] == ["search"]
    assert not {"hooks", "extra_javascript"} & set(found)
    assert "custom_dir" not in found["theme"]


def test_every_page_is_in_reach() -> None:
    known = set(in_navigation(settings()["nav"]))
    decisions = set(LINK.findall((DOCS / "decisions" / "README.md").read_text(encoding="utf-8")))
    known |= {f"decisions/{name}" for name, _ in decisions}
    lost = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - known
    assert lost == set(), "add it to `nav` in mkdocs.yml, a decision to docs/decisions/README.md"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings that GitHub and the site both make."""
    text = CODE.sub(
        lambda found: found[0].strip("`") if found[0][:3] != "```" else "", page.read_text("utf-8")
    )
    headings = re.findall(r"^#{1,6} +(.+?) *#*$", text, re.M)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", each).lower() for each in headings]
    github = {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", each)) for each in plain}
    ascii_only = [re.sub(r"[^\x00-\x7f]", "", each) for each in plain]
    ours = {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", each).strip()) for each in ascii_only}
    return github & ours


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_into_a_page_finds_its_heading(page: Path) -> None:
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    broken = []
    for name, anchor in LINK.findall(text):
        target = (page.parent / name) if name else page
        if (
            anchor
            and target.suffix == ".md"
            and target.exists()
            and anchor[1:] not in anchors(target)
        ):
            broken.append(f"{name}{anchor}")
    assert broken == []


def test_links_that_lead_out_are_encrypted() -> None:
    found = list(outside())
    assert found
    assert [(page.name, address) for page, address in found if address.startswith("http:")] == []
