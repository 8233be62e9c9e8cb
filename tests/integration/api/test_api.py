"""Several replicas over a real queue and store."""

import asyncio

from wire.names import QueueNames, upload_key

NAMES = QueueNames("classifycloud")


async def test_two_replicas_each_answer_their_own(start, worker, classify):
    first, second = await asyncio.gather(start().ready(), start().ready())
    assert first.queue != second.queue
    replicas = [first, second]
    answers = await asyncio.gather(*(classify(replicas[i % 2], i) for i in range(60)))
    assert [a.status_code for a in answers] == [200] * 60
    assert [a.json()["result"] for a in answers] == [
        f"seen https://example.com/{i}.jpg" for i in range(60)
    ]
    assert {job.reply_to for job in worker.jobs} == {first.queue, second.queue}


async def test_a_picture_travels_as_bytes(start, worker, http, account):
    _, store = account
    api = await start().ready()
    picture = bytes(range(256)) * 2000
    raw = await http.post(f"{api.url}/classify", content=picture)
    form = await http.post(f"{api.url}/classify", files={"file": ("cat.jpg", picture)})
    assert (raw.status_code, form.status_code) == (200, 200)
    assert worker.pictures == [picture, picture]
    keys = [upload_key(job.uuid) for job in worker.jobs]
    assert sorted(await store.keys("uploads/")) == sorted(keys)


async def test_a_late_answer_is_found_through_the_other_replica(start, worker, http, classify):
    asked, other = await asyncio.gather(start(wait=0.3).ready(), start().ready())
    worker.silent = True
    answer = await classify(asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "timed_out")
    url = f"{other.url}/jobs/{answer.json()['error']['job']}"
    assert (await http.get(url)).json()["status"] == "queued"
    await worker.answer(worker.jobs[0])
    while (found := (await http.get(url)).json())["status"] == "queued":  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    assert (found["status"], found["result"]) == ("succeeded", "seen https://example.com/0.jpg")
