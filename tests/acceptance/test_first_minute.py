"""What a newcomer sees: start, the printed curl, a file of one's own, bad input, Ctrl-C."""

import contextlib
import json
import os
import re
import subprocess
from pathlib import Path

import httpx
import psutil
import pytest

from tests.service import BUCKET, Origin, service, wait_until
from tests.turns import WHY, granted

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """An origin of things that are no good picture."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "page.html").write_text("<html><body>no picture</body></html>")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "huge.png").write_bytes(huge_png_header())
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"\x00" * 64)
    (folder / "large.jpg").write_bytes(b"\xff\xd8" + b"\x00" * 10_000_001)
    served = Origin(folder)
    yield served
    served.close()


def huge_png_header() -> bytes:
    """A PNG of 20 000 x 20 000 pixels by its header, and nothing behind it."""
    import struct
    import zlib

    chunk = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


@pytest.fixture(scope="module")
def running(tmp_path_factory, odd):
    with service(tmp_path_factory.mktemp("up") / "data", fetch_allow=odd.host) as started:
        started.wait_ready(workers=1)
        yield started


def test_the_printed_curl_works_as_printed(running):
    line = re.search(r"^\s*(curl .*classify\?url=.*)$", running.printed(), re.M)
    assert line, running.printed()
    done = subprocess.run(["bash", "-c", line[1]], capture_output=True, text=True, timeout=60)
    answer = json.loads(done.stdout)
    assert answer["result"] == answer["labels"][0]["name"]
    assert len(answer["labels"]) == 5
    scores = [label["confidence"] for label in answer["labels"]]
    assert scores == sorted(scores, reverse=True)
    assert 0 < sum(scores) <= 1.001
    assert set(answer["timings"]) == {"queueMs", "fetchMs", "decodeMs", "inferenceMs", "totalMs"}
    assert {"uuid", "imageUrl", "model", "modelVersion"} <= set(answer)


def test_a_file_of_ones_own(running, photos):
    command = ["curl", "-s", "-F", f"file=@{photos[0]}", f"{running.url}/classify"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout)["result"]


def test_raw_bytes(running, photos):
    answer = httpx.post(
        f"{running.url}/classify?top=3",
        content=photos[1].read_bytes(),
        headers={"Content-Type": "image/jpeg"},
        timeout=60,
    )
    assert answer.status_code == 200
    assert len(answer.json()["labels"]) == 3


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 400, "invalid_url"),
        ({"url": ""}, 400, "invalid_url"),
        ({"url": "cat"}, 400, "invalid_url"),
        ({"url": "ftp://example.com/cat.jpg"}, 400, "unsupported_scheme"),
        ({"url": "file:///etc/passwd"}, 400, "unsupported_scheme"),
        ({"url": "upload:uploads/x"}, 400, "unsupported_scheme"),
        ({"url": "http://me:secret@example.com/"}, 400, "credentials_in_url"),
        ({"url": "http://127.0.0.1/"}, 403, "blocked_address"),
        ({"url": "http://169.254.169.254/latest/"}, 403, "blocked_address"),
        ({"url": "http://localhost/cat.jpg"}, 403, "blocked_address"),
        ({"url": "http://2130706433/cat.jpg"}, 403, "blocked_address"),
        ({"url": "http://example.com:22/"}, 403, "blocked_port"),
        ({"url": "http://nowhere.invalid/cat.jpg"}, 502, "upstream_unreachable"),
        ({"url": "ODD/missing.jpg"}, 502, "upstream_status"),
        ({"url": "ODD/page.html"}, 415, "unsupported_format"),
        ({"url": "ODD/empty.jpg"}, 415, "unsupported_format"),
        ({"url": "ODD/broken.jpg"}, 422, "invalid_image"),
        ({"url": "ODD/huge.png"}, 413, "too_many_pixels"),
        ({"url": "ODD/large.jpg"}, 413, "body_too_large"),
        ({"url": "ODD/page.html", "model": "nobody-knows"}, 404, "model_not_found"),
        ({"url": "ODD/page.html", "top": "0"}, 400, "invalid_parameter"),
        ({"url": "ODD/page.html", "top": "many"}, 400, "invalid_parameter"),
    ],
)
def test_bad_input_gets_its_code_and_the_worker_lives_on(running, odd, photos, query, status, code):
    workers = running.pids("worker")
    if "url" in query:
        query = {**query, "url": query["url"].replace("ODD", f"http://{odd.host}")}
    answer = httpx.get(f"{running.url}/classify", params=query, timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]
    good = httpx.post(f"{running.url}/classify", files={"file": photos[0].read_bytes()}, timeout=60)
    assert good.status_code == 200
    assert set(workers) <= set(running.pids("worker"))


def test_an_unknown_job(running):
    answer = httpx.get(f"{running.url}/jobs/nobody")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "job_not_found")


def test_the_pages_beside_the_main_one(running):
    models = httpx.get(f"{running.url}/models").json()
    assert "tiny-inception" in json.dumps(models)
    for path in ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"):
        assert running.get(path) == 200


def test_every_picture_leaves_a_record(running, odd, photos):
    answer = httpx.post(
        f"{running.url}/classify", files={"file": photos[2].read_bytes()}, timeout=60
    )
    uuid = answer.json()["uuid"]

    def kept():
        return [record["result"] for record in running.records() if record["uuid"] == uuid]

    wait_until(kept, 10, "no record of the picture")
    assert set(kept()) == {answer.json()["result"]}
    s3 = running.s3()
    wait_until(
        lambda: s3.list_objects_v2(Bucket=BUCKET, Prefix="uploads/")["KeyCount"] == 0,
        10,
        "a picture that came as bytes is kept",
    )


def test_ctrl_c_leaves_nothing_behind(tmp_path):
    with service(tmp_path / "data") as started:
        started.wait_ready(workers=1)
        assert len(started.processes()) >= 5
        assert started.stop() == 0
        assert started.processes() == []


@pytest.mark.skipif(not granted(), reason=WHY)
def test_nobody_cuts_the_engine_s_turn_short(running):
    """Every thread of whoever has a part in a picture's way waits for the end of another's turn."""
    (worker,) = running.pids("worker")

    def forked():
        nursery = psutil.Process(worker).children()
        return [decoder for each in nursery for decoder in each.children()]

    decoders = wait_until(forked, 10, "no decoder")  # a worker is ready before they are
    parts = [worker, *running.pids("api"), *running.pids("local.sqs"), *(d.pid for d in decoders)]
    found = set()
    for part in parts:
        for thread in Path(f"/proc/{part}/task").iterdir():
            with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                found.add(os.sched_getscheduler(int(thread.name)))
    assert found == {os.SCHED_BATCH}
