"""The operator's page in a real browser, over the whole service: signed in, live, steering."""

import concurrent.futures
import json
import re
import subprocess
import uuid

import httpx
import pytest

from tests.acceptance.operate_page import signed_in
from tests.browser import PATIENCE, SCHEMES, WIDTHS, axe
from tests.service import BUCKET, COMMAND, service, wait_until

pytestmark = pytest.mark.acceptance

BURST = 40


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The service: keys are asked for, no worker at first, a tick a second."""
    settings = {"access": "keys", "tick": "1", "heartbeat": "2", "visitors": "0"}
    folder = tmp_path_factory.mktemp("operate") / "data"
    limits = ("--min-workers=0", "--max-workers=2")
    with service(
        folder, *limits, scale_in_delay="5", key_rate="0", address_rate="0", **settings
    ) as started:
        started.wait_ready(seconds=PATIENCE / 1000)
        yield started


@pytest.fixture(scope="module")
def key(running):
    """One that may operate and classify; it opens within five seconds."""
    command = [str(COMMAND), "keys", "add", "operator", "--scope", "operate", "--scope", "classify"]
    done = subprocess.run(
        [*command, "--data", str(running.data)], capture_output=True, text=True, timeout=120
    )
    made = done.stdout.strip()
    opens = {"headers": {"X-API-Key": made}, "timeout": 30}
    wait_until(
        lambda: httpx.get(f"{running.url}/metrics", **opens).status_code == 200,
        PATIENCE / 1000,
        "the key never opens",
    )
    return made


@pytest.fixture
def page(visit, running, key):
    return signed_in(visit, running, key)


def sample(running) -> str:
    """A picture that the service may fetch."""
    return re.search(r"url=(http://\S+\.jpg)", running.printed())[1]


def test_nobody_comes_in_without_a_good_key(visit, running, key) -> None:
    page = visit(f"{running.url}/operate")
    assert page.url.endswith("/sign-in?next=/operate")
    assert axe(page) == []
    page.get_by_label("Key").fill(key[:-1] + ("A" if key[-1] != "A" else "B"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").filter(has_text="No key reads like that").wait_for()
    # A form of somebody else's page has no token of ours.
    page.evaluate("document.querySelector('[name=csrf]').value = '0'.repeat(64)")
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").filter(has_text="was not sent by a page of this service").wait_for()
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="What it decided").wait_for()
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert key not in json.dumps(cookie)
    assert not [each for each in page.seen.requests if "ccloud_" in each]
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in?next=/operate")
    page.goto(f"{running.url}/operate")
    assert page.url.endswith("/sign-in?next=/operate")


def test_a_burst_is_seen_and_answered_by_a_worker(page, running, key) -> None:
    page.get_by_role("status").filter(has_text="Live").wait_for()
    page.get_by_role("heading", level=1, name=re.compile("^No worker")).wait_for()
    with concurrent.futures.ThreadPoolExecutor(BURST) as pool:
        asked = [pool.submit(ask, running, key, number) for number in range(BURST)]
        page.locator(".deed.up", has_text=re.compile(r"\+\d launched")).first.wait_for()
        assert {each.result() for each in asked} == {200}
    page.get_by_role("heading", level=1, name=re.compile(r"^[12] workers?, ")).wait_for()
    log = page.locator("#decisions li").filter(has=page.locator(".deed.up")).last
    log.locator("summary").click()
    log.locator("dt", has_text="Formula").wait_for()
    assert "criterion" in log.inner_text()
    page.locator("#workers tbody tr").first.wait_for()
    # The balancer hears of answers within some seconds.
    page.locator("#chart-latency-says", has_text=re.compile("p95 [0-9]")).wait_for(state="attached")
    chart = page.get_by_role("slider", name="Arrivals")
    chart.focus()
    chart.press("Home")
    first = chart.get_attribute("aria-valuetext")
    chart.press("ArrowRight")
    assert chart.get_attribute("aria-valuetext") != first
    page.locator("figure", has=page.locator("#chart-backlog")).get_by_text("As a table").click()
    page.get_by_role("region", name="Backlog, as a table").get_by_role("row").nth(2).wait_for()


def ask(running, key: str, number: int) -> int:
    """The same picture again is another question: of another number of labels."""
    about = {"url": sample(running), "top": 1 + number}
    headers = {"X-API-Key": key}
    answer = httpx.get(f"{running.url}/classify", params=about, headers=headers, timeout=130)
    return answer.status_code


def test_pause_and_limits_take_effect(page, running) -> None:
    page.get_by_role("button", name="Pause the balancer").click()
    page.get_by_role("heading", level=1, name=re.compile(r"^Paused\.")).wait_for()
    page.get_by_label("At least").fill("2")
    page.get_by_label("At most").fill("1")
    page.get_by_role("button", name="Apply").click()
    page.locator("#limits-said", has_text="would be above the greatest").wait_for()
    page.get_by_label("At most").fill("2")
    page.get_by_role("button", name="Apply").click()
    page.locator("#limits-said", has_text="Changed").wait_for()
    page.locator("#holds", has_text=re.compile("^2 to 2 workers hold.*; paused")).wait_for()
    page.get_by_role("button", name="Let the balancer go on").click()
    page.get_by_role("heading", level=1, name=re.compile("^2 workers")).wait_for()
    wait_until(lambda: len(running.pids("worker")) == 2, PATIENCE / 1000, "there never are two")
    page.get_by_role("button", name="Back to the settings").click()
    page.locator("#holds", has_text=re.compile("^0 to 2 workers hold")).wait_for()


def test_a_dead_letter_is_sent_again_and_another_removed(page, running) -> None:
    job, sqs = str(uuid.uuid4()), running.sqs()
    body = {
        "schema": 1,
        "uuid": job,
        "imageUrl": sample(running),
        "replyTo": "classifycloud-outcomes",
    }
    dead = sqs.get_queue_url(QueueName="classifycloud-dead-letter")["QueueUrl"]
    for message in (json.dumps(body), "no job at all <b>"):
        sqs.send_message(QueueUrl=dead, MessageBody=message)
    page.get_by_text("About 2 messages").wait_for()
    page.get_by_role("button", name="Look at them").click()
    page.get_by_role("button", name=f"Send again: {job}").click()
    page.locator("#letters-said", has_text="1 job sent again").wait_for()
    result = f"results/{job}.json"
    s3 = running.s3()
    kept = lambda: s3.list_objects_v2(Bucket=BUCKET, Prefix=result)["KeyCount"]  # noqa: E731
    wait_until(kept, PATIENCE / 1000, "the job that was sent again was never answered")
    page.get_by_role("button", name=re.compile("^Remove: ")).click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name=re.compile("^Remove: ")).click()
    page.get_by_role("button", name="Remove it").click()
    page.locator("#letters-said", has_text="1 message removed").wait_for()
    wait_until(lambda: running.depth("dead-letter") == 0, PATIENCE / 1000, "a letter is left")


def test_further_back_comes_out_of_cloudwatch(page) -> None:
    page.get_by_role("radio", name="3 hours").check()
    chart = page.get_by_role("slider", name="Workers")
    # 181 values, a minute each, whatever is known of them.
    page.wait_for_function(
        "(chart) => chart.getAttribute('aria-valuemax') === '180'", arg=chart.element_handle()
    )


def test_it_looks_right_and_axe_finds_nothing(visit, running, key) -> None:
    for width in WIDTHS:
        page = signed_in(visit, running, key, width=width)
        page.locator("#decisions li").first.wait_for()
        for scheme in SCHEMES:
            # Without motion: a button on its way from one scheme's color to the other's is no fault.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert axe(page) == [], (width, scheme)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{width}: {wide} pixels too wide"
