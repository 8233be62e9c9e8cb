"""Those who wait for one job together: each leaves, waits and is refused by itself."""

import asyncio

import pytest

from tests.unit.api.conftest import classified
from tests.unit.api.repeats.conftest import ON, ask, told, waiting
from wire.errors import QueueUnavailable


async def test_a_full_table_refuses_who_would_wait_and_nobody_else(deployment):
    await deployment.worker(lambda job: None if "slow" in job.image_url else classified(job))
    api = await deployment.replica(**ON, max_pending=2)
    await api.classify()
    slow = ask(api, 2, url="https://example.com/slow.jpg")
    await waiting(api, 2)
    refused = await api.classify(url="https://example.com/slow.jpg")
    assert refused.json()["error"]["code"] == "overloaded"
    assert (await api.classify()).json()["cached"]
    await api.stop()
    assert {answer.status_code for answer in await asyncio.gather(*slow)} == {503}


async def test_followers_count_in_their_clients_share(deployment):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(**ON, client_jobs=2)
    together = ask(api, 2)
    await waiting(api, 2)
    assert (await api.classify()).json()["error"]["code"] == "rate_limited"
    await api.stop()
    await asyncio.gather(*together)


async def test_each_waits_its_own_time_and_finds_the_answer_later(deployment, until):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(**ON, wait=0.4)
    leader = ask(api)
    await waiting(api, 1)
    await asyncio.sleep(0.2)
    follower = ask(api)
    (late,) = await asyncio.gather(*leader)
    (job,) = deployment.jobs
    assert (late.status_code, late.json()["error"]["job"]) == (504, job.uuid)
    assert not follower[0].done()
    await deployment.answer(classified(job))
    (answer,) = await asyncio.gather(*follower)
    assert told([answer]) == [(200, job.uuid)]
    await until(lambda: not api.replica.late.all())
    found = (await api.http.get(f"/jobs/{job.uuid}")).json()
    assert (found["status"], found["result"]) == ("succeeded", "thing 0")


async def test_a_shutdown_sends_all_home_with_the_jobs_id(deployment):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(**ON)
    asked = ask(api, 3)
    await waiting(api, 3)
    await api.stop()
    answers = await asyncio.gather(*asked)
    (job,) = deployment.jobs
    assert [(a.status_code, a.json()["error"]["job"]) for a in answers] == [(503, job.uuid)] * 3
    other = await deployment.replica(**ON)
    assert (await other.http.get(f"/jobs/{job.uuid}")).json()["status"] == "queued"


async def test_a_shutdown_amid_a_slow_send_sends_all_home_one_after_another(deployment, until):
    """Each goes once its own marker is written, the leader long before the others."""
    api = await deployment.replica(**ON, drain_grace=0.01)
    requests, put = api.replica.connection.current.shared.requests, deployment.store.put
    delays = iter((0.0, 0.1, 0.2))

    async def never(*_args, **_more):
        await asyncio.sleep(3600)

    async def slowly(*args):
        await asyncio.sleep(next(delays))
        await put(*args)

    requests.send, deployment.store.put = never, slowly
    asked = ask(api, 3)
    await until(lambda: len(api.replica.pending) == 3)
    (sending,) = {errand.sending for errand in api.replica.asking._errands.values()}
    uuid = api.replica.pending.all()[0].uuid
    await api.stop()
    answers = await asyncio.gather(*asked)
    assert told_home(answers) == [(503, "shutting_down", uuid)] * 3
    assert not sending.done()  # its id was told: it goes when the queue lets it
    sending.cancel()


async def test_a_send_that_is_canceled_by_others_is_a_queue_that_cannot_be_reached(
    deployment, until
):
    api = await deployment.replica(**ON)
    requests = api.replica.connection.current.shared.requests

    async def never(*_args, **_more):
        raise asyncio.CancelledError

    send, requests.send = requests.send, never
    answers = await asyncio.gather(*ask(api, 2))
    assert told_home(answers) == [(503, "queue_unavailable", None)] * 2
    requests.send = send
    await deployment.worker()
    assert (await api.classify()).status_code == 200


def told_home(answers):
    errors = [answer.json()["error"] for answer in answers]
    codes = [answer.status_code for answer in answers]
    return [(code, e["code"], e["job"]) for code, e in zip(codes, errors, strict=True)]


async def test_requests_are_sent_again_once_each(deployment, until):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(**ON)
    asked = ask(api, 3)
    await waiting(api, 3)
    await api.replica.connection.remove()
    await until(lambda: len(deployment.jobs) == 2)
    assert len({job.uuid for job in deployment.jobs}) == 1
    assert len({job.reply_to for job in deployment.jobs}) == 2
    await deployment.answer(classified(deployment.jobs[1]))
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}


@pytest.mark.parametrize("steps", range(25))
async def test_whoever_leaves_leaves_alone(deployment, steps):
    """The leader is canceled after so many steps: before its job is sent, amid, after, at its end."""
    await deployment.worker()
    api = await deployment.replica(**ON)
    leader, *followers = ask(api, 3)
    for _ in range(steps):
        await asyncio.sleep(0)
    leader.cancel()
    answers = await asyncio.gather(*followers)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["uuid"] for answer in answers}) == 1
    await asyncio.gather(leader, return_exceptions=True)
    assert (len(api.replica.pending), len(api.replica.asking)) == (0, 0)
    assert not api.replica.pending._jobs


async def test_a_leader_that_is_canceled_amid_a_slow_send_takes_nobody_along(deployment, until):
    await deployment.worker()
    api = await deployment.replica(**ON)
    requests = api.replica.connection.current.shared.requests
    go, send = asyncio.Event(), requests.send

    async def slow(*args, **more):
        await go.wait()
        await send(*args, **more)

    requests.send = slow
    leader, follower = ask(api, 2)
    await until(lambda: len(api.replica.pending) == 2)
    leader.cancel()
    await asyncio.gather(leader, return_exceptions=True)
    late = ask(api)
    await until(lambda: len(api.replica.pending) == 2)
    go.set()
    answers = await asyncio.gather(follower, *late)
    assert {answer.json()["uuid"] for answer in answers} == {deployment.jobs[0].uuid}
    assert len(deployment.jobs) == 1


async def test_a_queue_that_refuses_refuses_all_and_is_asked_anew(deployment, until):
    await deployment.worker()
    api = await deployment.replica(**ON)
    requests = api.replica.connection.current.shared.requests
    go, send = asyncio.Event(), requests.send

    async def refuse(*args, **more):
        await go.wait()
        raise QueueUnavailable

    requests.send = refuse
    asked = ask(api, 3)
    await until(lambda: len(api.replica.pending) == 3)
    go.set()
    answers = await asyncio.gather(*asked)
    assert [(a.status_code, a.json()["error"]["job"]) for a in answers] == [(503, None)] * 3
    requests.send = send
    assert (await api.classify()).status_code == 200


async def test_who_comes_between_the_answer_and_its_readers_is_not_forgotten(deployment):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(**ON)
    first = ask(api)
    await waiting(api, 1)
    settle = api.replica.pending.settle
    between = []

    def settled(answer):
        done = settle(answer)
        if not between:  # the answer is there, and nobody has run since
            between.extend(ask(api))
        return done

    api.replica.pending.settle = settled
    await deployment.answer(classified(deployment.jobs[0]))
    await asyncio.gather(*first)
    await asyncio.sleep(0.05)
    await deployment.answer(*map(classified, deployment.jobs[1:]))
    (answer,) = await asyncio.gather(*between)
    assert answer.status_code == 200
