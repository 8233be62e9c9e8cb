"""Nobody works and the balancer's beat is slow: the first request is not left to it."""

import time

import httpx
import pytest

from tests.service import service, wait_until

pytestmark = pytest.mark.acceptance

TICK = 90  # seconds; an answer within it has come of a tick before its time


def classify(url: str, picture: str) -> None:
    answer = httpx.get(f"{url}/classify", params={"url": picture}, timeout=TICK)
    assert answer.status_code == 200, answer.text


def bulk(url: str, picture: str) -> None:
    """A bulk job, whose end nobody waits for."""
    taken = httpx.post(f"{url}/jobs", json=[picture], timeout=TICK)
    assert taken.status_code == 202, taken.text
    asked = f"{url}{taken.headers['location']}"
    wait_until(lambda: httpx.get(asked).json()["status"] == "succeeded", TICK, "it has not ended")


@pytest.mark.parametrize("ask", [classify, bulk])
def test_the_first_job_without_a_worker_is_answered_long_before_the_next_tick(
    tmp_path, photos, origin, ask
):
    with service(
        tmp_path / "data", "--min-workers=0", fetch_allow=origin.host, tick=str(TICK)
    ) as started:
        started.wait_ready()
        log = tmp_path / "data" / "logs" / "balancer.log"
        wait_until(lambda: '"event": "tick"' in log.read_text(), 30, "there was no first tick")
        assert started.pids("worker") == []
        began = time.monotonic()
        ask(started.url, origin.url(photos[0].name))
        assert time.monotonic() - began < TICK / 2
        # Looked for and launched once: the word was no call to launch for each who reports.
        assert log.read_text().count('"worker launched"') == 1
        stopping = time.monotonic()
    # The poll that may be open lasts up to 20 s, and nobody waits for it.
    assert time.monotonic() - stopping < 20
