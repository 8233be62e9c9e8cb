"""One job for all who ask the same at once, its answer for who asks soon after."""

import asyncio

import pytest

from tests.unit.api.conftest import classified
from tests.unit.api.repeats.conftest import CAT, NO_CACHE, ON, ask, told, waiting
from wire.messages import Answer, ErrorBody


async def metric(api, kind):
    lines = (await api.http.get("/metrics")).text.splitlines()
    found = [
        line for line in lines if line.startswith(f'classifycloud_api_repeats_total{{kind="{kind}"')
    ]
    return float(found[0].rsplit(" ", 1)[1]) if found else 0.0


async def test_forty_at_once_are_one_job(deployment):
    await deployment.worker()
    api = await deployment.replica(**ON)
    answers = await asyncio.gather(*ask(api, 40))
    (job,) = deployment.jobs
    assert told(answers) == [(200, job.uuid)] * 40
    assert [answer.json()["cached"] for answer in answers] == [False] * 40
    assert await metric(api, "shared") == 39
    assert (len(api.replica.pending), len(api.replica.asking)) == (0, 0)
    assert (api.replica.submitter.submitted, api.replica.pending.served) == (1, 40)


async def test_who_asks_later_gets_the_answer_that_was_given(deployment):
    await deployment.worker()
    api = await deployment.replica(**ON)
    first, second = await api.classify(), await api.classify()
    one, two = first.json(), second.json()
    assert (one.pop("cached"), two.pop("cached")) == (False, True)
    assert two["timings"].pop("totalMs") < one["timings"].pop("totalMs")
    assert one == two
    assert "age" not in first.headers
    assert second.headers["age"] == "0"
    assert second.headers["cache-control"] == "no-store"
    assert len(deployment.jobs) == 1
    assert await metric(api, "remembered") == 1


async def test_replicas_remember_each_by_itself(deployment):
    await deployment.worker()
    first, second = await deployment.replica(**ON), await deployment.replica(**ON)
    answers = [await api.classify() for api in (first, second, first, second)]
    assert [answer.json()["cached"] for answer in answers] == [False, False, True, True]
    assert len(deployment.jobs) == 2


@pytest.mark.parametrize(
    "other",
    [{"top": 2}, {"url": CAT + "?"}, {"url": CAT.upper()}, {"url": "http://example.com/cat.jpg"}],
)
async def test_another_question_is_another_job(deployment, other):
    await deployment.worker()
    api = await deployment.replica(**ON)
    answers = [await api.classify(), await api.classify(**other)]
    assert not any(answer.json().get("cached") for answer in answers)
    assert answers[0].json()["uuid"] != answers[1].json().get("uuid")


async def test_an_answer_grows_too_old(deployment):
    await deployment.worker()
    api = await deployment.replica(cache_seconds=0.05)
    await api.classify()
    await asyncio.sleep(0.06)
    assert not (await api.classify()).json()["cached"]
    assert len(deployment.jobs) == 2


@pytest.mark.parametrize("value", ["no-cache", "max-age=0", "no-store"])
async def test_who_wants_fresh_work_gets_it(deployment, value):
    await deployment.worker()
    api = await deployment.replica(**ON)
    await api.classify()
    again = await asyncio.gather(*ask(api, 2, headers={"Cache-Control": value}))
    assert [answer.json()["cached"] for answer in again] == [False, False]
    assert [job.fresh for job in deployment.jobs] == [False, True, True]
    later = (await api.classify()).json()
    assert later["cached"]
    refreshed = value != "no-store"
    assert (later["uuid"] in {job.uuid for job in deployment.jobs[1:]}) == refreshed


async def test_fresh_work_is_not_waited_for_by_others_and_waits_for_none(deployment):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(**ON)
    asked = ask(api) + ask(api, headers=NO_CACHE) + ask(api)
    await waiting(api, 3)
    assert len(deployment.jobs) == 2
    await deployment.answer(*map(classified, deployment.jobs))
    first, fresh, third = [answer.json()["uuid"] for answer in await asyncio.gather(*asked)]
    assert first == third != fresh


async def test_an_older_question_never_hides_a_later_ones_answer(deployment, until):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(**ON)
    older = ask(api)
    await waiting(api, 1)
    newer = ask(api, headers=NO_CACHE)
    await waiting(api, 2)
    old, new = deployment.jobs
    await deployment.answer(classified(new))
    await asyncio.gather(*newer)
    await deployment.answer(classified(old))
    await asyncio.gather(*older)
    assert (await api.classify()).json()["uuid"] == new.uuid


async def test_an_error_is_told_to_all_and_remembered_by_none(deployment):
    def refuse(job):
        error = ErrorBody(code="upstream_status", message="404")
        return Answer(uuid=job.uuid, image_url=job.image_url, error=error)

    await deployment.worker(refuse)
    api = await deployment.replica(**ON)
    answers = await asyncio.gather(*ask(api, 5))
    (job,) = deployment.jobs
    assert [answer.json()["error"]["job"] for answer in answers] == [job.uuid] * 5
    assert {answer.status_code for answer in answers} == {502}
    assert api.replica.pending.failed == 5
    await api.classify()
    assert len(deployment.jobs) == 2


async def test_what_is_remembered_opens_no_door(deployment):
    """A refusal is the same whether labels are remembered or not."""
    await deployment.worker()
    api = await deployment.replica(**ON, fetch_allow="127.0.0.1:9999")
    inside = "http://127.0.0.1:9999/cat.jpg"
    assert (await api.classify(url=inside)).status_code == 200
    api.replica.submitter._allow = frozenset()
    answer = await api.classify(url=inside)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "blocked_address")


async def test_nothing_is_remembered_or_shared_where_it_is_switched_off(deployment):
    await deployment.worker()
    api = await deployment.replica(cache_seconds=0)
    answers = await asyncio.gather(*ask(api, 3))
    assert len({answer.json()["uuid"] for answer in answers}) == len(deployment.jobs) == 3
    assert not (await api.classify()).json()["cached"]


async def test_a_key_of_idempotency_keeps_its_own_ways(deployment):
    await deployment.worker()
    api = await deployment.replica(**ON)
    await api.classify()
    (keyed,) = ask(api, headers={"Idempotency-Key": "k"} | NO_CACHE)
    assert not (await keyed).json()["cached"]
    assert [(job.persist, job.fresh) for job in deployment.jobs] == [
        ("record", False),
        ("each", True),
    ]


async def test_an_upload_may_want_fresh_work_too(deployment):
    await deployment.worker()
    api = await deployment.replica(**ON)
    for headers in ({}, NO_CACHE):
        sent = await api.http.post("/classify", content=b"picture", headers=headers)
        assert sent.status_code == 200
    assert [job.fresh for job in deployment.jobs] == [False, True]
