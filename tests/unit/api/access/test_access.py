"""Nobody in who does not belong: keys, scopes, and what happens when the store is away."""

import asyncio
import json

import pytest

from api.access.keyholder import Keyholder
from tests.keychain import Keychain
from wire import keys
from wire.errors import QueueUnavailable
from wire.keyring import KEY
from wire.memory import MemoryStore

CAT = {"url": "https://example.com/cat.jpg"}
CLOSED = ["/classify", "/models", "/jobs/x", "/metrics"]
ALWAYS_OPEN = ["/", "/healthz", "/readyz", "/openapi.json", "/docs"]


@pytest.fixture
def keychain(deployment) -> Keychain:
    return Keychain(deployment.store)


@pytest.fixture
async def closed(deployment, keychain):
    """A replica that asks for keys, and has read that there are some."""

    async def start(**settings):
        await keychain.add("someone-else")
        api = await deployment.replica(**{"access": "keys"} | settings)
        await api.replica.keys.read()
        await deployment.worker()
        return api

    return start


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize("path", CLOSED)
async def test_without_a_key_every_route_is_closed(closed, path) -> None:
    api = await closed()
    answer = await api.http.get(path, params=CAT)
    assert code(answer) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ALWAYS_OPEN)
async def test_what_probes_and_readers_need_is_open(closed, path) -> None:
    api = await closed()
    assert (await api.http.get(path)).status_code == 200


async def test_a_key_opens_in_either_header(closed, keychain) -> None:
    key = await keychain.add("shop")
    api = await closed()
    for headers in (bearer(key), {"X-API-Key": key}, {"Authorization": f"bEaReR   {key}"}):
        answer = await api.http.get("/classify", params=CAT, headers=headers)
        assert answer.status_code == 200
    both = {"X-API-Key": key} | bearer(key)
    assert (await api.http.get("/classify", params=CAT, headers=both)).status_code == 200


async def test_a_proxys_own_credentials_do_not_matter(closed, keychain) -> None:
    key = await keychain.add("shop")
    api = await closed()
    headers = {"X-API-Key": key, "Authorization": "Basic dTpw"}
    assert (await api.http.get("/classify", params=CAT, headers=headers)).status_code == 200
    answer = await api.http.get("/classify", params=CAT, headers={"Authorization": "Basic dTpw"})
    assert code(answer) == (401, "unauthorized")


async def test_wrong_keys_are_all_answered_alike(closed, keychain) -> None:
    key, other = await keychain.add("shop"), await keychain.add("gone")
    await keychain.revoke("gone")
    over = await keychain.add("over", lasts=-1)
    api = await closed()
    wrong = [
        bearer(keys.make()),
        bearer(key[:-1]),
        bearer(key.lower()),
        bearer(""),
        bearer(other),
        bearer(over),
        {"X-API-Key": ""},
        {"X-API-Key": "x" * 5000},
        {b"X-API-Key": b"\xe9" * 56},
    ]
    answers = [await api.http.get("/classify", params=CAT, headers=headers) for headers in wrong]
    assert {(*code(answer), answer.text) for answer in answers} == {
        (401, "unauthorized", answers[0].text)
    }


async def test_a_text_that_is_no_key_opens_nothing_even_if_its_hash_is_kept(
    deployment, closed
) -> None:
    row = {"hash": keys.hashed("secret"), "hint": "x", "scopes": ["classify"], "created": 0}
    ring = {"schema": 1, "clients": {"by-hand": {"keys": [row]}}}
    api = await closed()
    await deployment.store.put(KEY, json.dumps(ring).encode())
    await api.replica.keys.read()
    answer = await api.http.get("/models", headers=bearer("secret"))
    assert code(answer) == (401, "unauthorized")


async def test_two_different_keys_are_none(closed, keychain) -> None:
    mine, theirs = await keychain.add("shop"), await keychain.add("shop")
    api = await closed()
    for headers in (
        [("Authorization", f"Bearer {mine}"), ("X-API-Key", theirs)],
        [("X-API-Key", mine), ("X-API-Key", theirs)],
        [("Authorization", f"Bearer {mine}"), ("Authorization", f"Bearer {theirs}")],
        [("Authorization", f"Bearer {mine}"), ("X-API-Key", "")],
    ):
        answer = await api.http.get("/classify", params=CAT, headers=headers)
        assert code(answer) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("scope", "opened"),
    [("classify", {"/classify", "/models"}), ("jobs", {"/jobs/x"}), ("operate", {"/metrics"})],
)
async def test_a_key_opens_what_its_scopes_say(closed, keychain, scope, opened) -> None:
    key = await keychain.add("shop", scope)
    api = await closed()
    for path in CLOSED:
        answer = await api.http.get(path, params=CAT, headers=bearer(key))
        if path in opened:
            assert answer.status_code in (200, 404)
        else:
            assert code(answer) == (403, "forbidden")


async def test_a_key_is_judged_before_parameters_and_urls(closed) -> None:
    api = await closed()
    assert code(await api.http.get("/classify", params={"top": "many"})) == (401, "unauthorized")
    private = await api.http.get("/classify", params={"url": "http://127.0.0.1/"})
    assert code(private) == (401, "unauthorized")


async def test_a_revoked_key_opens_nothing_once_it_was_read(deployment, closed, keychain) -> None:
    key = await keychain.add("shop")
    one, two = await closed(), await closed()
    for api in (one, two):
        assert (await api.http.get("/models", headers=bearer(key))).status_code == 200
    await keychain.revoke(keys.hint(key))
    for api in (one, two):
        await api.replica.keys.read()
        assert code(await api.http.get("/models", headers=bearer(key))) == (401, "unauthorized")


async def test_keys_are_read_again_and_again(keychain, until) -> None:
    holder = Keyholder(store := MemoryStore(), every=0.01)
    running = asyncio.create_task(holder.run())
    chain = Keychain(store)
    key = await chain.add("shop")
    await until(lambda: holder.known is not None and holder.known.find(key, 0.0))
    await chain.revoke("shop")
    await until(lambda: not holder.known.find(key, 0.0))
    running.cancel()


async def test_whatever_goes_wrong_keys_are_read_again_and_their_age_is_told(
    deployment, monkeypatch, until
) -> None:
    holder = Keyholder(store := MemoryStore(), every=0.01)
    assert holder.age() == float("inf")
    await holder.read()
    assert holder.age() < 60
    faults = iter([OSError(), RuntimeError("odd"), QueueUnavailable()])
    get = store.get

    async def odd(key):
        for fault in faults:
            raise fault
        return await get(key)

    monkeypatch.setattr(store, "get", odd)
    running = asyncio.create_task(holder.run())
    key = await Keychain(store).add("shop")
    await until(lambda: holder.known.find(key, 0.0))
    running.cancel()
    api = await deployment.replica()
    await until(lambda: api.replica.keys.known)
    text = (await api.http.get("/metrics")).text
    assert "classifycloud_api_keys_age_seconds 0" in text
    assert "classifycloud_api_replicas 1.0" in text


async def down(*args: object) -> None:
    raise QueueUnavailable


async def test_an_outage_neither_opens_nor_closes_the_door(
    deployment, closed, keychain, monkeypatch
) -> None:
    key = await keychain.add("shop")
    api = await closed()
    with monkeypatch.context() as patch:
        patch.setattr(deployment.store, "get", down)
        await api.replica.keys.read()
        assert (await api.http.get("/models", headers=bearer(key))).status_code == 200
        answer = await api.http.get("/models", headers=bearer(keys.make()))
        assert code(answer) == (401, "unauthorized")
        assert code(await api.http.get("/models")) == (401, "unauthorized")


async def test_a_document_that_cannot_be_read_leaves_the_former_keys(
    deployment, closed, keychain
) -> None:
    key = await keychain.add("shop")
    api = await closed()
    await deployment.store.put(KEY, b"{half")
    await api.replica.keys.read()
    assert (await api.http.get("/models", headers=bearer(key))).status_code == 200


async def test_keys_that_were_never_read_are_no_reason_for_401(deployment, monkeypatch) -> None:
    monkeypatch.setattr(deployment.store, "get", down)
    api = await deployment.replica(access="keys")
    for headers in ({}, bearer(keys.make())):
        answer = await api.http.get("/models", headers=headers)
        assert code(answer) == (503, "queue_unavailable")
        assert "Retry-After" in answer.headers
    assert code(await api.http.get("/readyz")) == (503, "queue_unavailable")
    monkeypatch.undo()
    await api.replica.keys.read()
    assert (await api.http.get("/readyz")).status_code == 200
    assert code(await api.http.get("/models")) == (401, "unauthorized")


async def test_in_public_everything_is_open_and_a_wrong_key_is_still_wrong(
    deployment, keychain
) -> None:
    key = await keychain.add("shop", "jobs")
    api = await deployment.replica(access="public")
    await api.replica.keys.read()
    await deployment.worker()
    for headers in ({}, bearer(key)):
        for path in CLOSED:
            answer = await api.http.get(path, params=CAT, headers=headers)
            assert answer.status_code in (200, 404)
    assert code(await api.http.get("/metrics", headers=bearer(keys.make())))[0] == 401


async def test_in_public_an_outage_keeps_nobody_out_who_shows_no_key(
    deployment, monkeypatch
) -> None:
    monkeypatch.setattr(deployment.store, "get", down)
    api = await deployment.replica(access="public")
    assert (await api.http.get("/models")).status_code == 200
    assert (await api.http.get("/readyz")).status_code == 200
    answer = await api.http.get("/models", headers=bearer(keys.make()))
    assert code(answer) == (503, "queue_unavailable")


@pytest.mark.parametrize(("access", "anybody"), [("keys", False), ("public", True)])
async def test_the_document_says_which_keys_are_taken(deployment, access, anybody) -> None:
    api = await deployment.replica(access=access)
    document = (await api.http.get("/openapi.json")).json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
    assert (schemes["header"]["in"], schemes["header"]["name"]) == ("header", "X-API-Key")
    for path in ("/classify", "/jobs/{id}", "/models", "/metrics"):
        operation = document["paths"][path]["get"]
        assert {"bearer": []} in operation["security"]
        assert {"header": []} in operation["security"]
        assert ({} in operation["security"]) is anybody
        assert {"401", "403", "429"} <= operation["responses"].keys()
    assert "security" not in document["paths"]["/healthz"]["get"]
