"""The public page at every width and in both schemes: for everybody, from here alone, and small."""

import re
import subprocess

import httpx
import pytest

from tests.acceptance.public_page import answered
from tests.browser import PATIENCE, SCHEMES, WIDTHS, axe, watch
from tests.service import COMMAND, service, wait_until
from wire.errors import BY_CODE

pytestmark = pytest.mark.acceptance

OURS = {"unreachable"}  # what only a browser can find
QUOTA = 40  # pictures an hour; a replica gives them back one by one, 90 s each
SIZE = 120_000  # bytes of the whole page as it is sent, samples included


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The service: for holders of keys, and for visitors so often."""
    folder = tmp_path_factory.mktemp("looks") / "data"
    with service(folder, "--min-workers=1", access="keys", visitors=str(QUOTA)) as started:
        started.wait_ready(seconds=PATIENCE / 1000)
        yield started


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_state_is_for_everybody(visit, running, photos, width, scheme):
    page = visit(f"{running.url}/", width, scheme)

    def sound(state: str) -> None:
        # What still comes in is half transparent, and would count as pale.
        page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")
        assert axe(page) == [], state
        assert page.evaluate("document.documentElement.scrollWidth") == width, state

    sound("nothing asked")
    page.fill("#address", "http://10.0.0.1/cat.jpg")
    page.keyboard.press("Enter")
    page.locator("#trouble").wait_for()
    sound("refused")
    page.set_input_files("#file", photos[5])
    answered(page)
    page.locator("#past button").wait_for()
    sound("answered")
    # The wait itself ends too soon to be looked at: it is shown as it would be.
    page.evaluate(
        "import('/page/waiting.js').then((wait) => { wait.begin(); wait.tell({ status: 'queued',"
        " position: 12, estimate: 8.2, workers: { ready: 1, starting: 2 } }); wait.end(); })"
    )
    page.evaluate("document.querySelector('.thread span').style.animation = 'none'")
    sound("waiting")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(246, 243, 236)"
    assert light == (scheme == "light")


def test_the_policy_lets_nothing_in_and_the_browser_keeps_it(visit, running):
    page = visit(f"{running.url}/")
    answer = httpx.get(f"{running.url}/", headers={"Accept": "text/html"})
    rules = dict(
        rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";")
    )
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["img-src"] == "'self' blob:"
    assert rules["require-trusted-types-for"] == "'script'"
    assert not re.search(r"unsafe|\*|https?:|data:", answer.headers["content-security-policy"])
    # And what watches here does see what is done against it.
    assert page.seen.faults() == []
    page.evaluate(
        "() => { const own = document.createElement('style'); own.textContent = 'p {}';"
        " document.head.append(own); }"
    )
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => 0)")
    assert len(page.seen.violations) >= 2
    page.seen.violations.clear()
    other = page.context.new_page()
    seen = watch(other, running.url)
    other.goto("data:text/html,<img src='http://127.0.0.1:9/cat.png'>")
    assert seen.outside() == ["http://127.0.0.1:9/cat.png"]


def test_every_code_is_said_in_words_that_help(visit, running):
    page = visit(f"{running.url}/")
    said = page.evaluate("import('/page/words.js').then((words) => words.WORDS)")
    assert set(said) == set(BY_CODE) | OURS
    for code, (title, text, *_) in said.items():
        assert 5 < len(title) < 50, code
        assert len(text) > 15, code
        assert code not in title + text
    unknown = "import('/page/words.js').then((all) => all.words({ code: 'new', message: 'So.' }))"
    assert "So." in page.evaluate(unknown)["text"]


def test_it_is_small_and_its_parts_are_not_sent_twice(visit, running):
    page = visit(f"{running.url}/")
    page.wait_for_load_state("networkidle")
    sizes = "performance.getEntriesByType('resource').map((each) => each.transferSize)"
    whole = sum(page.evaluate(sizes))
    assert 0 < whole < SIZE, whole
    page.reload()
    page.wait_for_load_state("networkidle")
    # 304s: their heads alone, some 300 bytes each.
    assert sum(page.evaluate(sizes)) < whole / 3


def test_programs_that_ask_are_told_where_things_are(running):
    answer = httpx.get(f"{running.url}/")
    assert answer.json()["classify"] == "/classify?url="
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert httpx.get(f"{running.url}/page/none.js").status_code == 404
    assert httpx.get(f"{running.url}/page/..%2fdocs.html").status_code == 404


def test_a_visitor_is_told_the_quota_and_who_signs_in_has_none(visit, running, photos):
    page = visit(f"{running.url}/")
    assert (
        page.locator("#terms").inner_text().startswith(f"Without a key, {QUOTA} pictures an hour.")
    )
    assert page.get_by_role("link", name="Operator").count() == 0
    _used_up(running)
    page.set_input_files("#file", photos[6])
    page.locator("#trouble").wait_for()
    assert page.locator("#code").inner_text() == "rate_limited"
    assert re.search(r"Again in \d+ (s|min)\.", page.locator("#remedy").inner_text())
    page.locator("#trouble").get_by_role("link", name="Sign in with a key").click()
    page.get_by_label("Key").fill(_made(running))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("shop", exact=True).wait_for()
    page.set_input_files("#file", photos[6])
    answered(page)
    assert (
        page.locator("#curl").inner_text().startswith('curl -H "X-API-Key: $CLASSIFYCLOUD_KEY" -F')
    )
    assert axe(page) == []
    page.get_by_role("button", name="Sign out").click()
    page.locator("#terms").wait_for()


def _used_up(running) -> None:
    asked = {"url": "http://10.0.0.1/"}
    with httpx.Client(base_url=running.url, timeout=60) as client:
        codes = [client.get("/classify", params=asked).status_code for _ in range(QUOTA)]
    assert codes[-1] == 429, codes


def _made(running) -> str:
    """A key, once it opens."""
    command = [str(COMMAND), "keys", "add", "shop", "--data", str(running.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    key = {"X-API-Key": done.stdout.strip()}
    with httpx.Client(base_url=running.url, timeout=60, headers=key) as client:
        wait_until(lambda: client.get("/models").status_code == 200, 120, done.stderr)
    return key["X-API-Key"]
