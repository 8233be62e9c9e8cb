"""The public page in a real browser, over the whole service: every way in, every way it can end."""

import base64
import json
import re
import subprocess
import sys
from dataclasses import dataclass

import httpx
import pytest

from tests.acceptance.public_page import answered, asked, notes, watched
from tests.browser import PATIENCE
from tests.service import Origin, service, wait_until

pytestmark = pytest.mark.acceptance

FLOOD = 120  # jobs; a worker of two cores holds some forty
DROP = """([name, kind, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], name, { type: kind }));
  const about = { dataTransfer: held, bubbles: true, cancelable: true };
  const frame = document.getElementById("frame");
  for (const each of ["dragenter", "dragover", "drop"]) frame.dispatchEvent(new DragEvent(each, about));
}"""
PASTE = """(text) => {
  const held = new DataTransfer();
  held.setData("text/plain", text);
  const about = { clipboardData: held, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new ClipboardEvent("paste", about));
}"""


@dataclass
class Hosts:
    """Of pictures: one that answers, one that takes its time, and some that never do, each for one test,
    because a host that lets fetches run out is left alone for a while."""

    quick: Origin
    slow: Origin
    mute: list[Origin]

    def all(self) -> list[Origin]:
        return [self.quick, self.slow, *self.mute]


@pytest.fixture(scope="module")
def hosts(photos):
    folder = photos[0].parent
    made = Hosts(Origin(folder), Origin(folder, 1.5), [Origin(folder, 300.0) for _ in range(3)])
    yield made
    for each in made.all():
        each.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory, hosts):
    """The service, with no worker to begin with."""
    settings = {
        "fetch_allow": ",".join(each.host for each in hosts.all()),
        "fetch_timeout": "6",
        "fetch_tries": "1",
    }
    folder = tmp_path_factory.mktemp("page") / "data"
    with service(folder, "--min-workers=0", "--max-workers=3", **settings) as started:
        started.wait_ready(seconds=PATIENCE / 1000)
        yield started


@pytest.fixture
def page(visit, running):
    return visit(f"{running.url}/")


def test_who_comes_to_a_sleeping_service_sees_the_queue_and_workers_start(
    page, running, hosts, photos
):
    jobs = [{"imageUrl": hosts.slow.url(each.name)} for each in photos]
    with httpx.Client(base_url=running.url, timeout=60) as client:
        for n in range(FLOOD):
            assert client.post("/jobs", json=jobs[n % len(jobs)]).status_code == 202
    watched(page)
    page.set_input_files("#file", photos[0])
    answered(page)
    seen = notes(page)
    assert any(re.search(r"\d+ (starting|at work)", each) for each in seen["workers"]), seen
    assert any(re.search(r"\d+ at work", each) for each in seen["workers"]), seen
    ahead = [int(each.split()[0]) for each in seen["ahead"] if each[:1].isdigit()]
    assert ahead, seen
    assert max(ahead) > ahead[-1] or ahead[-1] == 1, seen
    assert any("to go, as far as we can tell" in each for each in seen["outlook"]), seen
    # Heard, too, and not a line a second.
    assert any("In the queue" in each for each in seen["said"]), seen
    assert len(seen["said"]) < 6 + len(seen["waited"]) / 4, seen


def test_a_dropped_file_is_answered_as_the_service_answers_it(page, running, photos):
    picture = photos[1]
    data = base64.b64encode(picture.read_bytes()).decode()
    page.evaluate(DROP, [picture.name, "image/jpeg", data])
    shown = answered(page)
    told = httpx.post(
        f"{running.url}/classify", files={"file": picture.read_bytes()}, timeout=120
    ).json()
    assert shown["label"] == told["result"]
    assert [row["name"] for row in shown["bars"]] == [each["name"] for each in told["labels"]]
    assert len(shown["bars"]) == 5
    widths = [row["width"] for row in shown["bars"]]
    assert widths == sorted(widths, reverse=True)
    for row, label in zip(shown["bars"], told["labels"], strict=True):
        assert row["width"] == pytest.approx(max(label["confidence"], 0.01), abs=0.02)
        assert (
            row["share"] == "under 1 %"
            or abs(int(row["share"][:-2]) - label["confidence"] * 100) < 1
        )
    assert list(shown["spans"]) == ["In the queue", "Fetching", "Decoding", "Looking", "On the way"]
    assert len(shown["verse"]) >= 2
    assert page.locator("#preview").get_attribute("alt") == f"Your picture: {told['result']}"
    assert page.evaluate("document.getElementById('preview').naturalWidth") > 0
    # It is remembered here, over a reload, and shown again without a question.
    page.reload()
    asked_before = len(asked(page))
    page.locator("#past button").first.click()
    assert answered(page)["label"] == told["result"]
    assert len(asked(page)) == asked_before
    page.get_by_role("button", name="Forget them").click()
    page.locator("#recent").wait_for(state="hidden")


def test_a_pasted_link_is_asked_for_by_the_service_alone(page, hosts, photos):
    link = hosts.quick.url(photos[2].name)
    hits = len(hosts.quick.hits)
    page.evaluate(PASTE, link)
    shown = answered(page)
    assert len(hosts.quick.hits) == hits + 1
    assert page.locator("#card").inner_text().startswith(hosts.quick.host)
    assert page.input_value("#address") == link
    _both_calls_do_the_same(page, shown["label"])


def _both_calls_do_the_same(page, label: str) -> None:
    curl = page.locator("#curl").inner_text()
    done = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, timeout=120)
    assert json.loads(done.stdout)["result"] == label, done
    code = page.locator("#python").inner_text()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert label in done.stdout.splitlines()[0], done


def test_the_keyboard_is_enough(page, running, photos):
    def tab_to(place: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if (
                page.evaluate("document.activeElement.id || document.activeElement.className")
                == place
            ):
                return
        raise AssertionError(f"{place} is not reached")

    # Long before it opens: Chromium is told to hand it out, and nobody waits until it has heard.
    page.on("filechooser", lambda _: None)
    tab_to("choose")
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Enter")
    choosing.value.set_files(photos[3])
    label = answered(page)["label"]
    assert page.evaluate("document.activeElement.id") == "choose"
    assert label in page.locator("#said").inner_text()
    tab_to("address")
    page.keyboard.type("ftp://example.com/cat.jpg")
    page.keyboard.press("Enter")
    assert "https://" in page.locator("#slip").inner_text()
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    tab_to("past")
    page.keyboard.press("Enter")
    assert answered(page)["label"] == label


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("http://10.0.0.1/cat.jpg", "blocked_address", "drop the file here"),
        ("http://10.0.0.1/50%.jpg", "blocked_address", "drop the file here"),
        ("http://10.0.0.1/%E9t%E9.jpg", "blocked_address", "drop the file here"),
        ("http://example.com:8080/cat.jpg", "blocked_port", "80 and 443"),
    ],
)
def test_a_refused_address_is_told_with_a_way_on(page, address, code, words):
    page.fill("#address", address)
    page.get_by_role("button", name="Look", exact=True).click()
    page.locator("#trouble").wait_for()
    assert words in page.locator("#remedy").inner_text()
    assert page.locator("#code").inner_text() == code
    assert page.get_by_role("alert").count() == 1
    assert page.get_by_role("button", name="Try again").count() == 0


def test_what_no_browser_reads_as_an_address_is_told(page):
    page.fill("#address", "https://[")
    page.get_by_role("button", name="Look", exact=True).click()
    page.locator("#slip").get_by_text("No address reads like that.").wait_for()


def test_a_host_that_never_answers_is_told_and_can_be_tried_again(page, hosts):
    page.fill("#address", hosts.mute[0].url("cat.jpg"))
    page.keyboard.press("Enter")
    page.locator("#waiting").wait_for()
    page.locator("#trouble").wait_for()
    assert page.locator("#what").inner_text() == "The host took too long"
    assert page.locator("#code").inner_text().startswith("fetch_timeout")
    page.get_by_role("button", name="Try again").click()
    page.locator("#waiting").wait_for()


def test_whoever_cancels_or_leaves_takes_the_job_along(visit, running, hosts):
    left = []
    ways = (
        lambda page: page.get_by_role("button", name="Cancel").click(),
        lambda page: page.goto("about:blank"),
    )
    for leave, host in zip(ways, hosts.mute[1:], strict=True):
        page = visit(f"{running.url}/")
        with page.expect_response(lambda one: one.status == 202) as taken:
            page.fill("#address", host.url("cat.jpg"))
            page.keyboard.press("Enter")
        page.get_by_role("button", name="Cancel").wait_for()
        left.append(f"{running.url}/jobs/{taken.value.json()['uuid']}")
        leave(page)
    for job in left:
        wait_until(lambda job=job: httpx.get(job).json()["status"] == "canceled", 60, job)


def test_the_file_that_is_none_is_told_so(page, tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_text("no picture at all")
    page.set_input_files("#file", path)
    page.locator("#trouble").wait_for()
    assert page.locator("#code").inner_text().startswith("unsupported_format")
    assert "JPEG, PNG" in page.locator("#remedy").inner_text()


def test_a_service_that_is_gone_is_told_and_found_again(page, photos):
    page.context.set_offline(True)
    page.set_input_files("#file", photos[4])
    page.locator("#trouble").wait_for()
    assert page.locator("#what").inner_text() == "No connection"
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    answered(page)
