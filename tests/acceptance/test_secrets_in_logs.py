"""Signed URLs, passwords and keys go through the whole service; none of them is in any of its logs."""

import subprocess
from pathlib import Path

import httpx
import pytest

from tests.raw_http import Talk
from tests.service import COMMAND, Origin, free_port, service, wait_until

pytestmark = pytest.mark.acceptance

SAMPLES = Path(__file__).resolve().parents[2] / "local" / "samples"
SECRETS = ("s3cr3tquery", "s3cr3tuser", "s3cr3tpass", "s3cr3tfragment", "s3cr3theader")
QUERY = "?X-Amz-Signature=s3cr3tquery&x=1#t=s3cr3tfragment"


@pytest.fixture(scope="module")
def origin():
    made = Origin(SAMPLES)
    yield made
    made.close()


def key_of(data) -> str:
    added = subprocess.run(
        [COMMAND, "keys", "add", "tester", "--data", data],
        capture_output=True,
        text=True,
        check=True,
    )
    return added.stdout.split()[0]


def test_no_secret_is_logged(tmp_path, origin):
    data, closed = tmp_path / "data", f"127.0.0.1:{free_port()}"
    allow = f"{origin.host},{closed}"
    limits = {"key_rate": "0", "address_rate": "0"}
    with service(data, access="keys", fetch_allow=allow, log_level="debug", **limits) as running:
        running.wait_ready(workers=1)
        key = key_of(data)
        http = httpx.Client(base_url=running.url, headers={"X-API-Key": key}, timeout=60)
        wait_until(lambda: http.get("/models").status_code == 200, 30, "the key is not known")
        asked = {
            origin.url("chelsea.jpg"): 200,
            origin.url("none.jpg"): 502,
            f"http://{closed}/cat.jpg": 502,
            "http://s3cr3tuser:s3cr3tpass@example.com/cat.jpg": 400,
            "http://10.0.0.1/cat.jpg": 403,
            "ftp://example.com/cat.jpg": 400,
        }
        jobs = []
        for url, status in asked.items():
            answer = http.get("/classify", params={"url": url + QUERY})
            assert (url, answer.status_code) == (url, status)
            jobs.append(answer.json().get("uuid") or answer.json()["error"]["job"])
        for wrong in ("ccloud_" + "A" * 50, "s3cr3theader"):
            refused = http.get(
                "/classify", params={"url": "http://a"}, headers={"X-API-Key": wrong}
            )
            assert refused.status_code == 401
        keyed = {"Idempotency-Key": "s3cr3theader"}
        good = {"url": origin.url("chelsea.jpg") + QUERY}
        assert http.get("/classify", params=good, headers=keyed).status_code == 200
        for raw in (
            b"GET /classify?a=s3cr3tquery HTTP/1.1\r\nX: s3cr3theader\r\n\r\n",
            b"s3cr3theader",
        ):
            with Talk(running.url) as talk:
                talk.send(raw + b"\r\n\r\n").reply()
        printed = running.printed()
    logs = "".join(path.read_text() for path in data.glob("logs/*")) + printed
    assert any(job in logs for job in jobs if job), "the logs tell of these requests"
    assert all(origin_hit.endswith("s3cr3tquery&x=1") for origin_hit in origin.hits)
    found = [secret for secret in SECRETS if secret in logs]
    assert found == []
    assert key not in logs
    assert "A" * 20 not in logs
