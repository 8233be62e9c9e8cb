"""However a worker is told to go, it finishes what it holds, or gives it back in the end."""

import asyncio
import json
import signal
import socket
import time
from datetime import UTC, datetime

import pytest

from tests.integration.workbench import PATIENCE, counts
from tests.metadata import Metadata
from wire.messages import Terminate
from worker.notices import INTERRUPTION, REBALANCE

pytestmark = pytest.mark.timeout(600)
PICTURES = 150


@pytest.fixture
def metadata():
    service = Metadata()
    yield service
    service.close()


async def sigterm(bench, worker, metadata):
    worker.send_signal(signal.SIGTERM)
    return "SIGTERM"


async def terminate(bench, worker, metadata):
    await bench.shared.terminate.send(Terminate(reason="too many", tick=3).encode())
    return "terminate of tick 3: too many"


async def interruption(bench, worker, metadata):
    notice = {"action": "terminate", "time": "2026-09-18T08:22:00Z"}
    metadata.entries[INTERRUPTION] = json.dumps(notice)
    return "spot notice: terminate 2026-09-18T08:22:00Z"


async def rebalance(bench, worker, metadata):
    metadata.entries[REBALANCE] = json.dumps({"noticeTime": "2026-10-27T08:22:00Z"})
    return "rebalance recommendation: 2026-10-27T08:22:00Z"


@pytest.fixture
def mute(monkeypatch):
    """An S3 that takes every call and answers none, for workers that start from now on."""

    def begin():
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.getsockname()[1]}")

    with socket.create_server(("127.0.0.1", 0)) as server:
        yield begin


async def test_a_worker_that_boots_goes_though_s3_hangs(bench, mute):
    await bench.open()
    mute()
    worker = bench.start()
    await bench.reported("started")
    worker.send_signal(signal.SIGTERM)
    # It reads the index of models then, for which boto3 would wait 90 s; closing takes 4 s.
    assert await asyncio.to_thread(worker.wait, 40) == 0
    await bench.reported("stopped")


async def test_a_worker_begins_though_s3_hangs(bench, mute):
    await bench.open()
    mute()
    began = time.monotonic()
    bench.start()
    await bench.reported("ready")
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("tell", [sigterm, terminate, interruption, rebalance])
async def test_a_busy_worker_finishes_what_it_holds_and_no_message_comes_back(
    bench, metadata, tell
):
    await bench.open()
    bench.origin.delay = 0.2
    worker = bench.start(fetchers=4, imds=metadata.url)
    ids = await bench.ask(*["coffee.jpg"] * PICTURES)
    await bench.answers(1)
    reason = await tell(bench, worker, metadata)
    assert await asyncio.to_thread(worker.wait, PATIENCE) == 0
    stopped = await bench.reported("stopped")
    assert stopped.reason == reason
    assert stopped.busy == 0
    visible, in_flight, _ = counts(await bench.shared.requests.depth())
    assert in_flight == 0
    recorded = await bench.recorded()
    assert 0 < len(recorded) == stopped.served == PICTURES - visible < PICTURES
    # Whatever is left was never in anybody's hand.
    left = []
    while taken := await bench.shared.requests.receive(10, 1):
        left += taken
    assert {each.receive_count for each in left} == {1}
    assert len(left) == visible
    assert len(ids) == PICTURES


async def test_what_cannot_be_finished_within_the_grace_is_given_back_and_answered_once(bench):
    await bench.open()
    bench.origin.delay = 20
    worker = bench.start(stop_grace=1, fetch_timeout=60)
    ids = await bench.ask(*["coffee.jpg"] * 20)
    await bench.reported("busy")
    worker.send_signal(signal.SIGTERM)
    start = time.monotonic()
    assert await asyncio.to_thread(worker.wait, PATIENCE) == 0
    assert time.monotonic() - start < 15, "it waited for its origin"
    assert counts(await bench.shared.requests.depth()) == (20, 0, 0)
    assert (await bench.reported("stopped")).served == 0
    bench.origin.delay = 0
    bench.start()
    found = await bench.answers(20)
    await bench.until_empty()
    assert set(found) == set(ids)
    assert {answer.result for answer in found.values()} == {"red"}
    assert await bench.replies.receive(10, 1) == []


async def test_nobody_is_sent_away_in_the_minute_that_is_paid_for(bench):
    await bench.open()
    launched = time.monotonic()
    worker = bench.start(paid_minute=12)
    await bench.reported("idle")
    order = Terminate(reason="empty", tick=1).encode()
    await bench.shared.terminate.send(order)
    await asyncio.sleep(2)
    if time.monotonic() - launched < 11:  # a slow machine boots for as long
        assert worker.poll() is None
        assert counts(await bench.shared.terminate.depth()) == (1, 0, 0), "somebody looked"
    await asyncio.sleep(max(0.0, launched + 14 - time.monotonic()))
    await bench.shared.terminate.send(order)
    assert await asyncio.to_thread(worker.wait, PATIENCE) == 0
    assert time.monotonic() - launched >= 12


SKEWED = """
import datetime, os, time

skew = float(os.environ["CLOCK_SKEW"])
seconds, nanoseconds, Real = time.time, time.time_ns, datetime.datetime
time.time = lambda: seconds() + skew
time.time_ns = lambda: nanoseconds() + int(skew * 1e9)


class Kind(type(Real)):
    def __instancecheck__(cls, instance):
        return isinstance(instance, Real)


class Skewed(Real, metaclass=Kind):
    @classmethod
    def now(cls, tz=None):
        return Real.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls):
        return Real.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(0, skew)


datetime.datetime = Skewed
"""


@pytest.mark.parametrize("skew", [-300, 300])
async def test_a_clock_that_is_wrong_makes_no_message_older_or_younger(
    bench, tmp_path, monkeypatch, skew
):
    (tmp_path / "sitecustomize.py").write_text(SKEWED)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("CLOCK_SKEW", str(skew))
    await bench.open()
    await bench.shared.terminate.send_many([Terminate(reason="old", tick=1).encode()] * 2)
    await asyncio.sleep(5.5)
    worker = bench.start()
    await bench.reported("idle")
    await bench.said('"count": 2')
    assert counts(await bench.shared.terminate.depth()) == (0, 0, 0)
    (uid,) = await bench.ask("coffee.jpg")
    assert (await bench.answers(1))[uid].result == "red"
    assert worker.poll() is None
    await bench.shared.terminate.send(Terminate(reason="new", tick=2).encode())
    assert await asyncio.to_thread(worker.wait, PATIENCE) == 0
    assert (await bench.reported("stopped")).reason == "terminate of tick 2: new"
    last = json.loads(bench.log.read_text().splitlines()[-1])
    off = datetime.fromisoformat(last["timestamp"]) - datetime.now(UTC)
    assert off.total_seconds() == pytest.approx(skew, abs=60), "its clock was right"


async def test_so_many_messages_end_so_many_workers(bench):
    await bench.open()
    workers = [bench.start(worker_id=f"w{at}") for at in range(3)]
    for at in range(3):
        await bench.heard(lambda each, at=at: (each.sender, each.state) == (f"w{at}", "idle"))
    await bench.shared.terminate.send_many([Terminate(reason="empty", tick=1).encode()] * 2)
    async with asyncio.timeout(PATIENCE):
        while sum(worker.poll() is not None for worker in workers) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    assert sorted(str(worker.poll()) for worker in workers) == ["0", "0", "None"]
