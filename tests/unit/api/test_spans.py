"""Which requests are traced, and what a request's span says."""

import json

import pytest

from api.spans import ASKED, Left
from wire import tracing
from wire.settings import Settings

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def scope(path: str = "/classify", carried: str | None = None) -> dict:
    headers = [] if carried is None else [(b"traceparent", carried.encode())]
    return {"type": "http", "path": path, "headers": headers}


def test_the_share_is_that_of_the_dice():
    rolls = iter([0.0, 0.09, 0.1, 0.5, 0.99])
    left = Left(0.1, dice=lambda: next(rolls))
    assert [left(scope()) for _ in range(5)] == [False, False, True, True, True]
    assert all(Left(0.0)(scope()) for _ in range(50))
    assert not any(Left(1.0)(scope()) for _ in range(50))


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/docs", "/"])
def test_what_asks_for_no_picture_is_left(path):
    assert Left(1.0)(scope(path))


def test_a_client_that_traces_is_followed_and_one_that_does_not_is_left():
    now = [0.0]
    left = Left(0.0, clock=lambda: now[0])
    asked = [left(scope(carried=SAMPLED)) for _ in range(ASKED + 5)]
    assert asked == [False] * ASKED + [True] * 5, "nobody decides what traces cost"
    now[0] = 0.5
    assert [left(scope(carried=SAMPLED)) for _ in range(ASKED)].count(False) == ASKED // 2
    assert Left(1.0)(scope(carried=SAMPLED[:-1] + "0"))


@pytest.mark.parametrize("nonsense", ["", "00-xyz", "é" * 40])
def test_what_is_no_traceparent_is_no_wish(nonsense):
    headers = [(b"traceparent", nonsense.encode("utf-8"))]
    assert Left(0.0)({"type": "http", "path": "/classify", "headers": headers})


async def test_a_requests_span_says_nothing_of_its_query_and_who_asked(deployment, tmp_path):
    path = tmp_path / "spans.jsonl"
    tracing.begin("api", Settings(traces=str(path)))
    try:
        running = await deployment.replica(traces=str(path))
        await deployment.worker()
        url = "https://example.com/cat.jpg?X-Amz-Signature=s3cr3t"
        headers = {
            "traceparent": SAMPLED,
            "tracestate": "stranger=s3cr3t",
            "baggage": "user=s3cr3t",
        }
        answer = await running.http.get("/classify", params={"url": url}, headers=headers)
        assert answer.status_code == 200
        refused = await running.http.get("/classify", params={"url": "ftp://a"})
        assert refused.status_code == 400
    finally:
        tracing.end()
    text = path.read_text()
    for secret in ("s3cr3t", "example.com", "api.test", "ftp"):
        assert secret not in text
    spans = [
        json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
        for line in text.splitlines()
    ]
    ours = [each for each in spans if each["traceId"] == SAMPLED.split("-")[1]]
    assert {"GET /classify", "submit"} <= {each["name"] for each in ours}
    (other,) = [each for each in spans if each not in ours]
    said = {each["key"]: each["value"] for each in other["attributes"]}
    assert said["classifycloud.code"] == {"stringValue": "unsupported_scheme"}
    assert said["http.response.status_code"] == {"intValue": "400"}


async def test_off_the_framework_looks_for_nobody(deployment):
    running = await deployment.replica()
    assert not running.app._native_telemetry.enabled()
