"""Jobs as clients ask for them, of two replicas that share queues and store in memory."""

import json

import pytest

from tests.keychain import Keychain
from wire.names import job_key, upload_key

CAT = {"imageUrl": "https://example.com/cat.jpg"}
PIXELS = b"these are no pixels"


async def test_a_job_is_asked_for_here_and_answered_there(pair) -> None:
    asked = await pair.one.post("/jobs", json=CAT | {"top": 2})
    told = asked.json()
    assert (asked.status_code, told["status"], told["id"]) == (202, "queued", told["uuid"])
    assert asked.headers["location"] == f"/jobs/{told['id']}"
    assert int(asked.headers["retry-after"]) >= 1
    assert told["expiresAt"] == pytest.approx(told["submittedAt"] + 24 * 3600, abs=0.01)
    assert told["position"] == 0

    found = await pair.other.get(asked.headers["location"])
    assert (found.status_code, found.json()["status"]) == (200, "queued")
    (answer,) = await pair.work()
    for replica in (pair.one, pair.other):
        found = (await replica.get(asked.headers["location"])).json()
        assert (found["status"], found["result"]) == ("succeeded", answer.result)
        assert len(found["labels"]) == 2
        assert "order" not in found
        assert "position" not in found
    await pair.quiet()


async def test_a_client_s_own_id_is_one_job_and_no_other(pair) -> None:
    first = await pair.one.post("/jobs", json=CAT | {"id": "order-17"})
    again = await pair.other.post("/jobs", json=CAT | {"id": "order-17"})
    another = await pair.other.post("/jobs", json=CAT | {"id": "order-17", "top": 1})
    assert [each.status_code for each in (first, again, another)] == [202, 202, 409]
    assert another.json()["error"]["code"] == "job_exists"
    assert first.json()["uuid"] == again.json()["uuid"] != "order-17"
    # Sent by two replicas that know nothing of each other, it is still one job.
    await pair.work()
    for name in ("order-17", first.json()["uuid"]):
        found = (await pair.one.get(f"/jobs/{name}")).json()
        assert (found["id"], found["status"]) == ("order-17", "succeeded")
    done = await pair.one.post("/jobs", json=CAT | {"id": "order-17"})
    assert (done.status_code, done.json()["status"]) == (200, "succeeded")
    assert await pair.queued() == []


async def test_what_is_canceled_is_not_worked(pair) -> None:
    where = (await pair.one.post("/jobs", json=CAT)).headers["location"]
    canceled = await pair.other.post(f"{where}/cancel")
    assert (canceled.status_code, canceled.json()["status"]) == (200, "canceled")
    assert canceled.json()["error"]["code"] == "job_canceled"
    (answer,) = await pair.work()
    assert answer.error is not None
    assert answer.error.code == "job_canceled"
    assert (await pair.one.get(where)).json()["status"] == "canceled"
    # What has ended stays as it ended.
    where = (await pair.one.post("/jobs", json=CAT)).headers["location"]
    await pair.work()
    assert (await pair.other.post(f"{where}/cancel")).json()["status"] == "succeeded"


async def test_retry_and_delete(pair) -> None:
    asked = await pair.one.post("/jobs", json=CAT | {"id": "a"})
    assert (await pair.one.post("/jobs/a/retry")).json()["error"]["code"] == "job_unfinished"
    await pair.one.post("/jobs/a/cancel")
    retried = [await each.post("/jobs/a/retry") for each in (pair.one, pair.other)]
    assert [each.status_code for each in retried] == [202, 202]
    names = {each.json()["id"] for each in retried}
    assert len(names) == 1
    assert retried[0].json()["retryOf"] == asked.json()["uuid"]
    await pair.work()
    found = (await pair.other.get(retried[0].headers["location"])).json()
    assert (found["status"], found["retryOf"]) == ("succeeded", asked.json()["uuid"])

    assert (await pair.other.delete("/jobs/a")).status_code == 204
    for act in (
        pair.one.get("/jobs/a"),
        pair.one.delete("/jobs/a"),
        pair.one.post("/jobs/a/cancel"),
    ):
        assert (await act).status_code == 404
    assert (await pair.one.post("/jobs", json=CAT | {"id": "a"})).status_code == 409
    assert await pair.store.get(job_key(asked.json()["uuid"])) is None


async def test_a_picture_may_come_with_its_job(pair) -> None:
    def ask(replica, picture, **query):
        return replica.post("/jobs", params=query, files={"file": ("a.jpg", picture, "image/jpeg")})

    asked = await ask(pair.one, PIXELS, id="p", top=1)
    uuid = asked.json()["uuid"]
    assert asked.status_code == 202
    assert await pair.store.get(upload_key(uuid)) == PIXELS
    assert (await ask(pair.other, PIXELS, id="p", top=1)).status_code == 202
    assert (await ask(pair.other, b"another", id="p", top=1)).status_code == 409
    assert await pair.store.get(upload_key(uuid)) == PIXELS
    await pair.work()
    assert (await pair.other.post("/jobs/p/retry")).json()["error"]["code"] == "picture_gone"
    plain = await pair.one.post("/jobs", content=PIXELS, headers={"Content-Type": "image/png"})
    assert plain.status_code == 202


async def test_a_key_is_one_job(pair) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await pair.one.post("/jobs", json=CAT, headers=headers)
    again = await pair.other.post("/jobs", json=CAT, headers=headers)
    other = await pair.other.post("/jobs", json=CAT | {"deadline": 60}, headers=headers)
    assert [each.status_code for each in (first, again, other)] == [202, 202, 422]
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await pair.queued()) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_parameter"),
        (CAT | {"id": "a b"}, "invalid_parameter"),
        (CAT | {"id": "a" * 65}, "invalid_parameter"),
        (CAT | {"deadline": 24 * 3600 + 1}, "invalid_parameter"),
        (CAT | {"deadline": 0}, "invalid_parameter"),
        (CAT | {"top": 0}, "invalid_parameter"),
        (CAT | {"unknown": 1}, "invalid_parameter"),
        (CAT | {"model": "none"}, "model_not_found"),
        ({"imageUrl": "ftp://example.com/a"}, "unsupported_scheme"),
        ({"imageUrl": "http://127.0.0.1/a"}, "blocked_address"),
        ([1], "invalid_parameter"),
        ("no object", "invalid_parameter"),
    ],
)
async def test_what_is_refused_leaves_no_job(pair, body, code) -> None:
    refused = await pair.one.post("/jobs", json=body)
    assert refused.json()["error"]["code"] == code, refused.text
    assert await pair.store.keys("jobs/") == []
    assert await pair.queued() == []


async def test_what_is_in_a_worker_s_hands_is_running(pair) -> None:
    asked = (await pair.one.post("/jobs", json=CAT)).json()
    await pair.store.put("state/working/w.json", json.dumps({"jobs": [asked["uuid"]]}).encode())
    found = (await pair.other.get(f"/jobs/{asked['id']}")).json()
    assert found["status"] == "running"
    assert "position" not in found


async def test_jobs_are_their_client_s_alone_where_there_are_keys(deployment) -> None:
    keychain = Keychain(deployment.store)
    ann, bob = [{"X-API-Key": await keychain.add(name)} for name in ("ann", "bob")]
    api = await deployment.replica(access="keys")
    await api.replica.keys.read()
    asked = await api.http.post("/jobs", json=CAT | {"id": "x"}, headers=ann)
    uuid = asked.json()["uuid"]
    for name in ("x", uuid):
        assert (await api.http.get(f"/jobs/{name}", headers=ann)).status_code == 200
        for act in ("get", "delete"):
            assert (await getattr(api.http, act)(f"/jobs/{name}", headers=bob)).status_code == 404
        for path in ("cancel", "retry"):
            assert (await api.http.post(f"/jobs/{name}/{path}", headers=bob)).status_code == 404
        assert (await api.http.get(f"/jobs/{name}/events", headers=bob)).status_code == 404
    theirs = await api.http.post("/jobs", json=CAT | {"id": "x", "top": 1}, headers=bob)
    assert theirs.status_code == 202
    assert theirs.json()["uuid"] != uuid
