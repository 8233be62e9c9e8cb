"""`python -m worker` against the real local endpoints: real processes, real signals, real photos."""

import asyncio
import signal
import subprocess
import sys
import time

import pytest

from tests.integration.workbench import PATIENCE, counts
from tests.servers import ROOT, free_port
from wire.messages import Answer, Terminate
from wire.names import result_key, upload_key, upload_url

pytestmark = pytest.mark.timeout(600)
PHOTOS = ROOT / "local" / "samples"


async def test_photos_are_answered_recorded_and_deleted(bench):
    await bench.open()
    worker = bench.start()
    ids = await bench.ask("coffee.jpg", "chelsea.jpg", persist="each")
    found = await bench.answers(2)
    await bench.until_empty()
    for uid in ids:
        answer = found[uid]
        assert answer.error is None
        assert answer.result == "red"  # both photos are full of warm colors
        assert (answer.model, answer.model_version) == ("colors", "1")
        assert sum(label.confidence for label in answer.labels) == pytest.approx(1, abs=1e-3)
        assert answer.timings.fetch_ms > 0
        assert answer.timings.decode_ms > 0
        assert answer.timings.inference_ms > 0
        assert Answer.decode(await bench.store.get(result_key(uid))) == answer
    assert set(await bench.recorded()) == set(ids)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    last = await bench.reported("stopped")
    states = [report.state for report in bench.states]
    assert states[0:2] == ["started", "ready"]
    assert states.index("draining") < states.index("stopped")
    assert (last.served, last.failed, last.busy) == (2, 0, 0)
    assert (await bench.reported("ready")).boot_seconds > 0


BAD = {
    "page.html": "unsupported_format",
    "empty.jpg": "unsupported_format",
    "cut.jpg": "invalid_image",
    "huge.png": "too_many_pixels",
    "missing.jpg": "upstream_status",
    "http://127.0.0.1:1/cat.jpg": "blocked_address",
    "http://2130706433/cat.jpg": "blocked_address",
    "http://nowhere.invalid/cat.jpg": "upstream_unreachable",
    "not a url :": "invalid_url",
    "file:///etc/passwd": "unsupported_scheme",
}


async def test_bad_input_is_answered_with_its_code_and_the_worker_lives(bench):
    await bench.open()
    worker = bench.start()
    ids = dict(zip(await bench.ask(*BAD), BAD.values(), strict=True))
    (unknown,) = await bench.ask("coffee.jpg", model="no-such-model")
    await bench.store.put(upload_key("u1"), (PHOTOS / "coffee.jpg").read_bytes())
    good = await bench.ask("coffee.jpg", upload_url(upload_key("u1")))
    found = await bench.answers(len(ids) + 3)
    assert {uid: found[uid].error.code for uid in ids} == ids
    assert found[unknown].error.code == "model_not_found"
    assert "colors" in found[unknown].error.message
    assert [found[uid].result for uid in good] == ["red", "red"]
    await bench.until_empty()
    assert len(await bench.recorded()) == len(ids) + 3
    assert worker.poll() is None
    assert "Traceback" not in bench.log.read_text()


async def test_sigterm_amid_work_loses_nothing(bench):
    await bench.open()
    bench.origin.delay = 0.05
    worker = bench.start(fetchers=4)
    ids = await bench.ask(*["coffee.jpg"] * 150)
    await bench.answers(1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    waiting, in_flight, _ = counts(await bench.shared.requests.depth())
    assert in_flight == 0
    assert 0 < waiting < 150, "the worker was told to go too late or worked on"
    answered = 150 - waiting
    recorded = await bench.recorded()
    assert len(recorded) == answered
    bench.origin.delay = 0
    bench.start()
    await bench.until_empty()
    assert set(await bench.recorded()) == set(ids)


async def test_what_a_killed_worker_held_is_worked_by_the_next(bench):
    await bench.open(visibility=3)
    bench.origin.delay = 0.1
    first = bench.start(fetchers=4)
    ids = await bench.ask(*["coffee.jpg"] * 30)
    found = await bench.answers(2)
    first.send_signal(signal.SIGKILL)
    first.wait()
    bench.origin.delay = 0
    bench.start()
    async with asyncio.timeout(PATIENCE):
        while set(found) != set(ids):
            found |= await bench.answers(1)
    await bench.until_empty()
    assert {answer.result for answer in found.values()} == {"red"}
    assert set(await bench.recorded()) == set(ids)
    assert counts(await bench.shared.dead_letter.depth()) == (0, 0, 0)


async def test_an_idle_worker_goes_when_it_is_told(bench):
    await bench.open()
    worker = bench.start()
    await bench.reported("ready")
    await bench.shared.terminate.send(Terminate(reason="empty", tick=1).encode())
    assert worker.wait(PATIENCE) == 0
    await bench.reported("stopped")
    assert counts(await bench.shared.terminate.depth()) == (0, 0, 0)


async def test_a_worker_waits_for_an_endpoint_that_is_not_up_yet(bench, tmp_path, monkeypatch):
    port = free_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{port}")
    worker = bench.start()
    async with asyncio.timeout(PATIENCE):
        while "waiting for the queues" not in bench.log.read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert worker.poll() is None
    command = [sys.executable, "-m", "local.sqs", "--port", str(port), "--data", str(tmp_path)]
    endpoint = subprocess.Popen(  # noqa: ASYNC220
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENCE):
            while '"ready"' not in bench.log.read_text():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0
    finally:
        endpoint.terminate()
        endpoint.wait()


async def test_a_worker_that_waits_for_its_endpoint_can_be_told_to_go(bench, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{free_port()}")
    worker = bench.start()
    async with asyncio.timeout(PATIENCE):
        while "waiting for the queues" not in bench.log.read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0


async def test_an_endpoint_that_dies_amid_work_loses_nothing(bench, endpoint):
    await bench.open(visibility=5)
    queue, _ = endpoint
    bench.origin.delay = 0.1
    bench.start(fetchers=4)
    ids = await bench.ask(*["coffee.jpg"] * 40)
    found = await bench.answers(2)
    queue.kill()
    await asyncio.sleep(1)
    queue.restart()
    async with asyncio.timeout(PATIENCE):
        while set(found) != set(ids):
            found |= await bench.answers(1)
    await bench.until_empty()
    assert set(await bench.recorded()) == set(ids)
    assert bench.workers[0].poll() is None


async def test_a_second_interrupt_ends_it_at_once(bench):
    await bench.open()
    bench.origin.delay = 10
    worker = bench.start()
    await bench.ask("coffee.jpg")
    await bench.reported("busy")
    worker.send_signal(signal.SIGINT)
    await bench.reported("draining")
    start = time.monotonic()
    worker.send_signal(signal.SIGINT)
    assert worker.wait(PATIENCE) == 130
    assert time.monotonic() - start < 5


HANGING_NAMES = """
import os, socket, time
real = socket.getaddrinfo
def getaddrinfo(host, *args, **kwargs):
    if os.fsdecode(host or "").endswith(".hangs.test"):
        time.sleep(1000)
    return real(host, *args, **kwargs)
socket.getaddrinfo = getaddrinfo
"""


async def test_a_name_server_that_hangs_keeps_no_worker_from_going(bench, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(HANGING_NAMES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    await bench.open()
    worker = bench.start(fetch_timeout=1)
    (uid,) = await bench.ask("http://www.hangs.test/cat.jpg")
    assert (await bench.answers(1))[uid].error.code == "fetch_timeout"
    await bench.until_empty()
    worker.send_signal(signal.SIGTERM)
    await bench.reported("stopped")
    assert worker.wait(30) == 0
    assert "threads hang" in bench.log.read_text()
    assert set(await bench.recorded()) == {uid}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"batch": "many"}, "CLASSIFYCLOUD_BATCH='many'"),
        ({"decoders": 0}, "CLASSIFYCLOUD_DECODERS='0'"),
        ({"model": "none-such"}, "colors 1"),
    ],
)
async def test_a_setting_that_cannot_be_used_is_named(bench, settings, said):
    await bench.open()
    worker = bench.start(**settings)
    assert worker.wait(PATIENCE) == 2
    assert said in bench.log.read_text()
    assert "Traceback" not in bench.log.read_text()


async def test_an_endpoint_that_cannot_be_used_is_named_before_anything_is_worked(
    bench, monkeypatch
):
    await bench.open()
    (uid,) = await bench.ask("coffee.jpg")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "s3.local:9000")
    worker = bench.start()
    assert worker.wait(PATIENCE) == 2
    said = bench.log.read_text()
    assert "s3.local:9000" in said
    assert "AWS_ENDPOINT_URL_S3" in said
    assert '"ready"' not in said
    assert "Traceback" not in said
    monkeypatch.undo()
    assert counts(await bench.shared.requests.depth()) == (1, 0, 0), uid
