"""The page /docs: everything of it comes from the service itself, under a policy that allows no more."""

import hashlib
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 90  # seconds; the store is out of reach, and is asked three times before that is said
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}


class Page(HTMLParser):
    """What a page loads, and what in it would need a laxer policy."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.links += [given[name] for name in ("src", "href") if given.get(name)]
        handlers = [name for name in given if name.startswith("on") or name == "style"]
        if (
            handlers
            or tag in {"style", "base", "iframe"}
            or (tag == "script" and "src" not in given)
        ):
            self.inline.append(tag)


@pytest.fixture(scope="module")
def url(alone):
    return alone(access="public").url


def policy(answer: httpx.Response) -> dict[str, str]:
    rules = answer.headers["content-security-policy"].split(";")
    return {name: rest for name, _, rest in (rule.strip().partition(" ") for rule in rules)}


def test_all_that_the_page_loads_comes_from_here(url):
    answer = httpx.get(f"{url}/docs")
    assert answer.headers["content-type"].startswith("text/html")
    page = Page(answer.text)
    assert page.inline == []
    assert len(page.links) >= 4
    for link in page.links:
        if link == "data:,":  # the icon, an empty one
            continue
        assert re.fullmatch(r"/[\w./-]+", link), link
        part = httpx.get(f"{url}{link}")
        assert part.status_code == 200
        assert part.headers["content-type"].startswith(TYPES[Path(link).suffix])
        assert part.headers["x-content-type-options"] == "nosniff"
        assert len(part.content) == int(part.headers["content-length"])


def test_its_policy_allows_nothing_inline_and_nobody_else(url):
    rules = policy(httpx.get(f"{url}/docs"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert not re.search(r"unsafe|\*|https?:", " ".join(rules.values()))


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/openapi.json", "/none", "/classify", "/jobs/x", "/docs/none.js"]
)
def test_every_other_answer_is_nothing_to_run(url, path):
    for method in ("GET", "DELETE"):
        answer = httpx.request(method, f"{url}{path}", timeout=PATIENCE)
        assert policy(answer)["default-src"] == "'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.headers.get_list("content-security-policy")) == 1
        assert "server" not in answer.headers


def test_swagger_ui_is_what_its_page_says():
    folder = ROOT / "api" / "web" / "swagger"
    rows = re.findall(r"\| `([\w.-]+)` \| `([0-9a-f]{64})` \|", (folder / "README.md").read_text())
    assert {name for name, _ in rows} == {"swagger-ui-bundle.js", "swagger-ui.css"}
    for name, digest in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_a_real_browser_shows_it_offline(url, tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium here to look at the page with")
    shown = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *(f"--user-data-dir={tmp_path}", "--enable-logging=stderr", "--disable-sync"),
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            *("--virtual-time-budget=20000", "--dump-dom", f"{url}/docs"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert shown.stdout.count("opblock-summary-path") >= 7
    assert "/jobs/" in shown.stdout
    assert "violates the following Content Security Policy" not in shown.stderr
