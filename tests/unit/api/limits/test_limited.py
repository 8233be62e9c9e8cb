"""Over HTTP: who asks too often is told when to come back, before anything is done for him."""

import asyncio

import pytest

from tests.keychain import Keychain

CAT = {"url": "https://example.com/cat.jpg"}
ONCE = {"address_rate": 0.01, "address_burst": 1}


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_who_asks_too_often_is_told_when_to_come_back(deployment) -> None:
    api = await deployment.replica(**ONCE)
    assert (await api.http.get("/models")).status_code == 200
    answer = await api.http.get("/models")
    assert code(answer) == (429, "rate_limited")
    assert int(answer.headers["Retry-After"]) in (99, 100)
    # Probes have no limit.
    assert (await api.http.get("/healthz")).status_code == 200


async def test_a_forged_header_is_no_other_address(deployment) -> None:
    api = await deployment.replica(**ONCE)
    headers = [{"X-Forwarded-For": f"198.51.100.{i}"} for i in range(4)]
    answers = [await api.http.get("/models", headers=each) for each in headers]
    assert [answer.status_code for answer in answers] == [200, 429, 429, 429]


async def test_behind_a_proxy_each_client_has_its_own_bucket(deployment) -> None:
    api = await deployment.replica(proxies=1, **ONCE)
    for forged in ("", "6.6.6.6, "):
        headers = [{"X-Forwarded-For": f"{forged}198.51.100.{i}"} for i in range(3)]
        answers = [await api.http.get("/models", headers=each) for each in headers]
        assert {answer.status_code for answer in answers} == {429 if forged else 200}


async def test_guessing_keys_is_slowed_down(deployment) -> None:
    chain = Keychain(deployment.store)
    good = await chain.add("shop")
    api = await deployment.replica(access="keys", address_rate=0.01, address_burst=5)
    await api.replica.keys.read()
    guesses = [await api.http.get("/models", headers={"X-API-Key": "no"}) for _ in range(8)]
    assert [guess.status_code for guess in guesses] == [401] * 5 + [429] * 3
    # Otherwise the one that is not refused would be known to be right.
    assert (await api.http.get("/models", headers={"X-API-Key": good})).status_code == 429


async def test_both_keys_of_a_client_share_one_bucket(deployment) -> None:
    chain = Keychain(deployment.store)
    old, new = await chain.add("shop", rate=0.01, burst=3), await chain.add("shop")
    other = await chain.add("other")
    api = await deployment.replica(access="keys")
    await api.replica.keys.read()
    asked = [old, new, old, new, old, other]
    answers = [await api.http.get("/models", headers={"X-API-Key": key}) for key in asked]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 2 + [200]


async def test_a_replica_gives_its_part_of_the_rate(deployment, until) -> None:
    first = await deployment.replica(address_rate=0.01, address_burst=8)
    second = await deployment.replica(address_rate=0.01, address_burst=8)
    await until(lambda: second.replica.siblings.count == 2)
    await first.replica.siblings.look()
    for api in (first, second):
        answers = [await api.http.get("/models") for _ in range(10)]
        assert [answer.status_code for answer in answers].count(200) == 4


async def test_the_body_of_an_upload_is_not_read_before_its_bucket_is_asked(deployment) -> None:
    api = await deployment.replica(**ONCE)
    await api.http.get("/models")

    async def body():
        yield b"x"
        raise AssertionError("read")

    answer = await api.http.post("/classify", content=body())
    assert code(answer) == (429, "rate_limited")
    assert await deployment.store.keys("uploads/") == []


@pytest.mark.parametrize("settings", [{"client_jobs": 2}, {"max_pending": 8, "client_jobs": None}])
async def test_no_client_takes_all_places_of_those_who_wait(deployment, settings) -> None:
    api = await deployment.replica(proxies=1, **settings)
    shop, other = ({"X-Forwarded-For": f"198.51.100.{i}"} for i in (1, 2))

    def ask(headers):
        return asyncio.create_task(api.http.get("/classify", params=CAT, headers=headers))

    async def body():
        yield b"x"
        raise AssertionError("read")

    waiting = [ask(shop), ask(shop)]
    await api.pending(2)
    refused = [
        await ask(shop),
        await ask(shop | {"Idempotency-Key": "k"}),
        await api.http.post("/classify", content=body(), headers=shop),
        await api.http.post("/classify", content=body(), headers=shop | {"Idempotency-Key": "p"}),
    ]
    assert [code(each) for each in refused] == [(429, "rate_limited")] * 4
    assert "of this client's" in refused[0].json()["error"]["message"]
    assert await deployment.store.keys("") == []
    waiting.append(ask(other))
    await api.pending(3)
    await deployment.worker()
    assert [each.status_code for each in await asyncio.gather(*waiting)] == [200] * 3
    assert (await ask(shop)).status_code == 200
    assert not api.replica.pending._groups


async def test_repeats_of_a_key_have_no_more_places_than_others(deployment) -> None:
    api = await deployment.replica(client_jobs=2)
    keyed = {"Idempotency-Key": "k"}

    def ask():
        return asyncio.create_task(api.http.get("/classify", params=CAT, headers=keyed))

    waiting = [ask()]
    await api.pending(1)
    waiting.append(ask())
    async with asyncio.timeout(5):
        while len(api.replica.pending) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert code(await ask()) == (429, "rate_limited")
    # The worker here keeps no results: the repeat is told to come again.
    await api.stop()
    assert [each.status_code for each in await asyncio.gather(*waiting)] == [503, 503]


async def test_one_host_is_not_flooded_through_us(deployment) -> None:
    api = await deployment.replica(host_jobs=2)
    waiting = [asyncio.create_task(api.classify()) for _ in range(2)]
    await api.pending(2)
    answer = await api.classify(url="https://EXAMPLE.com./dog.jpg")
    assert code(answer) == (429, "rate_limited")
    assert answer.headers["Retry-After"] == "1"
    other = asyncio.create_task(api.classify(url="https://example.org/dog.jpg"))
    upload = asyncio.create_task(api.http.post("/classify", content=b"picture"))
    await api.pending(4)
    await deployment.worker()
    answers = await asyncio.gather(*waiting, other, upload)
    assert [each.status_code for each in answers] == [200] * 4
    assert (await api.classify()).status_code == 200


async def test_a_host_is_not_flooded_by_hanging_up_either(deployment, monkeypatch, until) -> None:
    async def gone(_self) -> None:
        return

    monkeypatch.setattr("api.client.HttpClient.gone", gone)
    api = await deployment.replica(host_jobs=2)
    answers = [await api.classify() for _ in range(4)]
    assert [each.status_code for each in answers] == [499, 499, 429, 429]
    assert len(api.replica.pending) == 0
    await deployment.worker()
    await until(lambda: not len(api.replica.submitter.hosts))
    assert (await api.classify()).status_code != 429


async def test_nor_by_repeats_that_are_refused(deployment, monkeypatch, until) -> None:
    """A job for each of a client's places, the same URLs again beyond its share; then all hang up."""
    leave = asyncio.Event()

    async def gone(_self) -> None:
        await leave.wait()

    monkeypatch.setattr("api.client.HttpClient.gone", gone)
    api = await deployment.replica(cache_seconds=60, host_jobs=100, client_jobs=100)

    def urls(path):
        return [f"https://victim.example/{path}{i}.jpg" for i in range(100)]

    asking = [asyncio.create_task(api.classify(url=url)) for url in urls("a")]
    await api.pending(100)
    for again in [await api.classify(url=url) for url in urls("a")]:
        assert "this client's requests" in again.json()["error"]["message"]
    leave.set()
    assert {answer.status_code for answer in await asyncio.gather(*asking)} == {499}
    for more in [await api.classify(url=url) for url in urls("b")]:
        assert (more.status_code, "this host" in more.text) == (429, True)
    await deployment.worker()
    await until(lambda: not len(api.replica.submitter.hosts))
    assert len(deployment.jobs) == 100


async def test_nor_by_those_whom_nobody_answers_in_time(deployment, until) -> None:
    api = await deployment.replica(host_jobs=1, wait=0.05)
    assert [(await api.classify()).status_code for _ in range(2)] == [504, 429]
    await deployment.worker()
    await until(lambda: not len(api.replica.submitter.hosts))


@pytest.fixture
def groups(deployment, monkeypatch) -> list[str | None]:
    """The groups in which jobs are sent, in order."""
    from wire.memory import MemoryQueue

    seen: list[str | None] = []
    send = MemoryQueue.send

    async def noted(self, body, group=None, *more):
        if self.name.endswith("-requests"):
            seen.append(group)
        await send(self, body, group, *more)

    monkeypatch.setattr(MemoryQueue, "send", noted)
    return seen


async def test_jobs_are_sent_by_client(deployment, groups) -> None:
    chain = Keychain(deployment.store)
    one, two, other = [await chain.add(name) for name in ("shop", "shop", "other")]
    api = await deployment.replica(access="keys")
    await api.replica.keys.read()
    await deployment.worker()
    for key in (one, two, other):
        await api.http.get("/classify", params=CAT, headers={"X-API-Key": key})
    await api.http.post("/classify", content=b"picture", headers={"X-API-Key": other})
    assert groups == ["client-shop", "client-shop", "client-other", "client-other"]


async def test_strangers_are_told_apart_without_their_addresses(deployment, groups) -> None:
    api = await deployment.replica(proxies=1)
    await deployment.worker()
    for address in ("198.51.100.1", "198.51.100.2", "198.51.100.1"):
        await api.http.get("/classify", params=CAT, headers={"X-Forwarded-For": address})
    assert groups[0] == groups[2] != groups[1]
    assert not any("198" in (group or "") for group in groups)


@pytest.mark.parametrize(("most", "refused"), [(None, 4), (0, 0)])
async def test_one_clients_uploads_at_once_are_held_to_a_share_where_its_jobs_are(
    deployment, monkeypatch, most, refused
) -> None:
    api = await deployment.replica(client_jobs=most)
    await deployment.worker()
    stored, put = asyncio.Event(), deployment.store.put

    async def slow(*what: object) -> None:
        await stored.wait()
        await put(*what)

    monkeypatch.setattr(deployment.store, "put", slow)
    sent = [asyncio.create_task(api.http.post("/classify", content=b"picture")) for _ in range(20)]
    done, _ = await asyncio.wait(
        sent, timeout=1 if refused == 0 else 5, return_when="FIRST_COMPLETED"
    )
    assert bool(done) is bool(refused)
    stored.set()
    found = [code(a) for a in await asyncio.gather(*sent) if a.status_code != 200]
    assert found == [(429, "rate_limited")] * refused
