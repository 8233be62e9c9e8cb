"""What a job's estimate is worth: the whole service, from a cold start through a backlog, by the clock."""

import time

import httpx
import pytest

from tests import color_bundle
from tests.servers import ROOT
from tests.service import BUCKET, Origin, service, wait_until
from wire.ledger import KEY, Saved, SavedRow

pytestmark = pytest.mark.timeout(300)
FETCHING = 0.4  # seconds a picture, four at a time: ten a second, whatever else this machine does
WARM_UP, BURST = 30, 60
SETTINGS = {
    "model": "colors",
    "fetchers": "4",
    "prefetch": "8",
    "tick": "1",
    "heartbeat": "1",
    "policy": "criterion",
    "kill_all_delay": "2",
    "boot_seconds": "4",
}


@pytest.fixture
def origin(tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    photo = (ROOT / "local" / "samples" / "coffee.jpg").read_bytes()
    (pages / "a.jpg").write_bytes(photo)
    served = Origin(pages, FETCHING)
    yield served
    served.close()


class Watcher:
    """When each job's answer came to stand in the store, as seen a few times a second."""

    def __init__(self, s3) -> None:
        self._pages = s3.get_paginator("list_objects_v2")
        self.seen: dict[str, float] = {}

    def look(self) -> int:
        for page in self._pages.paginate(Bucket=BUCKET, Prefix="results/"):
            for row in page.get("Contents", []):
                name = row["Key"].removeprefix("results/").removesuffix(".json")
                self.seen.setdefault(name, time.monotonic())
        return len(self.seen)


def staying(s3) -> list[SavedRow]:
    """The workers that the balancer counts on."""
    kept = Saved.model_validate_json(s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read())
    return [row for row in kept.rows if row.leaving is None]


def ask(client: httpx.Client, url: str) -> tuple[str, float, float | None]:
    """A job's id, when it was asked for, and the seconds that it was said to take."""
    told = client.post("/jobs", json={"imageUrl": url}).raise_for_status().json()
    return told["uuid"], time.monotonic(), told.get("estimate")


def test_estimates_hold_through_a_cold_start_and_a_backlog(tmp_path, origin) -> None:
    color_bundle.write(tmp_path / "models")
    settings = SETTINGS | {"models": str(tmp_path / "models"), "fetch_allow": origin.host}
    options = ("--min-workers", "0", "--max-workers", "1")
    with (
        service(tmp_path / "data", *options, **settings) as running,
        httpx.Client(base_url=running.url, timeout=60) as client,
    ):
        running.wait_ready()
        watcher = Watcher(running.s3())
        # A first backlog, of which the service learns how fast its workers boot and work; then all go.
        for _ in range(WARM_UP):
            ask(client, origin.url("a.jpg"))
        wait_until(lambda: watcher.look() >= WARM_UP, 60, "the first answers")
        # Gone by the balancer's own book too: a process ends a moment before its row says so.
        wait_until(lambda: not running.pids("worker"), 60, "an empty house")
        wait_until(lambda: not staying(running.s3()), 10, "a ledger without workers")
        asked = []
        for part in range(2):
            asked += [ask(client, origin.url("a.jpg")) for _ in range(BURST // 2)]
            half = WARM_UP + (part + 1) * BURST // 4
            wait_until(lambda enough=half: watcher.look() >= enough, 60, "some more answers")
        wait_until(lambda: watcher.look() >= WARM_UP + BURST, 60, "all answers")

    took = [(estimate, watcher.seen[uuid] - at) for uuid, at, estimate in asked]
    good = [e for e, t in took if e is not None and t / 2 <= e <= t * 2]
    assert len(good) >= 0.9 * len(took), [(e, round(t, 1)) for e, t in took]
    # There was something to estimate: a boot for the first ones, a queue for the rest.
    assert min(t for _, t in took[: BURST // 4]) > FETCHING
    assert max(t for _, t in took) > 4.0
