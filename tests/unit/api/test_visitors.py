"""How much may be asked without a key, where keys are asked for, and what."""

import pytest
from starlette.requests import Request

from api.access.policy import HoldersAndVisitors
from wire.errors import RateLimited, Unauthorized

ASKED = Request({"type": "http", "method": "GET", "path": "/classify", "headers": []})
CAT = "https://example.com/cat.jpg"
ID = "04b14976-20aa-49e0-b7e7-25e52bdbfb14"
CLOSED = [
    ("POST", "/jobs", {"json": [CAT] * 1000}),
    ("POST", "/jobs", {"json": {"prefix": "s3://operators-bucket/"}}),
    ("POST", "/jobs", {"json": {"imageUrl": CAT, "id": "cat"}}),
    ("POST", "/jobs?webhook=https://example.com", {"content": b"x"}),
    ("POST", f"/jobs/{ID}/retry", {}),
    ("POST", f"/jobs/bulk-{ID.replace('-', '')}/retry", {}),
    ("GET", "/jobs/cat", {}),
    ("DELETE", "/jobs/cat", {}),
    ("GET", f"/classify?url={CAT}", {"headers": {"Idempotency-Key": "k"}}),
    ("POST", "/classify", {"headers": {"Idempotency-Key": "k"}, "content": b"x"}),
    ("GET", "/models", {}),
    ("GET", f"/features?url={CAT}", {}),
    ("POST", "/v2/models/tiny-inception/infer", {"json": {"inputs": []}}),
]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_hour_has_so_many_and_no_more() -> None:
    clock = Clock()
    policy = HoldersAndVisitors(6, lambda: 1, clock)
    for _ in range(6):
        assert policy.stranger("192.0.2.1", "classify", ASKED).scopes == {"classify", "jobs"}
    with pytest.raises(RateLimited) as refused:
        policy.stranger("192.0.2.1", "classify", ASKED)
    assert refused.value.retry_in == 600
    policy.stranger("192.0.2.2", "classify", ASKED)
    clock.now = 601
    policy.stranger("192.0.2.1", "classify", ASKED)


def test_a_visitor_follows_what_he_asked_for_and_operates_nothing() -> None:
    policy = HoldersAndVisitors(1, lambda: 1, Clock())
    policy.stranger("192.0.2.1", "classify", ASKED)
    for _ in range(9):
        policy.stranger("192.0.2.1", "jobs", ASKED)
    with pytest.raises(Unauthorized):
        policy.stranger("192.0.2.1", "operate", ASKED)


def test_two_replicas_give_half_each() -> None:
    policy = HoldersAndVisitors(6, lambda: 2, Clock())
    for _ in range(3):
        policy.stranger("192.0.2.1", "classify", ASKED)
    with pytest.raises(RateLimited):
        policy.stranger("192.0.2.1", "classify", ASKED)


async def closed(deployment):
    api = await deployment.replica(access="keys", visitors=2)
    await api.replica.keys.read()
    return api.http


@pytest.mark.parametrize(("method", "path", "sent"), CLOSED)
async def test_what_the_page_does_not_need_is_closed_and_costs_no_picture(
    deployment, method, path, sent
) -> None:
    http = await closed(deployment)
    for _ in range(3):
        refused = await http.request(method, path, **sent)
        assert refused.status_code == 403, refused.text


async def test_all_that_the_page_asks_is_open(deployment) -> None:
    http, later = await closed(deployment), {"Prefer": "respond-async"}
    asked = await http.get("/classify", params={"url": CAT}, headers=later)
    assert asked.status_code == 202
    job = asked.headers["Location"]
    assert (await http.get(job)).json()["status"] == "queued"
    assert (await http.post(f"{job}/cancel")).json()["status"] == "canceled"
    assert '"canceled"' in (await http.get(f"{job}/events")).text
    assert (await http.delete(job)).status_code == 204
    sent = await http.post("/classify", files={"file": b"no picture"}, headers=later)
    assert sent.status_code == 202
    assert (await http.get("/classify", params={"url": CAT}, headers=later)).status_code == 429
