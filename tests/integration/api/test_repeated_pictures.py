"""The same picture asked for again, over real processes, queue and store."""

import asyncio

CAT = "https://example.com/cat.jpg"
ON = {"cache_seconds": 60}


def ask(http, api, headers=None):
    return http.get(f"{api.url}/classify", params={"url": CAT}, headers=headers)


async def test_forty_at_once_are_one_job_and_the_next_needs_none(start, worker, http, eventually):
    worker.silent = True
    api = await start(**ON).ready()
    asked = [asyncio.create_task(ask(http, api)) for _ in range(40)]
    text = ""
    while 'repeats_total{kind="shared"} 39.0' not in text:
        text = (await http.get(f"{api.url}/metrics")).text
        await asyncio.sleep(0.05)
    await eventually(lambda: worker.jobs, api.log)
    (job,) = worker.jobs
    await worker.answer(job)
    answers = await asyncio.gather(*asked)
    assert {(each.status_code, each.json()["uuid"]) for each in answers} == {(200, job.uuid)}
    assert not any(each.json()["cached"] for each in answers)

    later = await ask(http, api)
    assert (later.json()["cached"], later.json()["uuid"]) == (True, job.uuid)
    assert int(later.headers["age"]) >= 0
    assert len(worker.jobs) == 1

    worker.silent = False
    fresh = await ask(http, api, {"Cache-Control": "no-cache"})
    assert not fresh.json()["cached"]
    assert [each.fresh for each in worker.jobs] == [False, True]


async def test_who_hangs_up_leaves_the_others_their_answer(start, worker, http, eventually):
    worker.silent = True
    api = await start(**ON).ready()
    leader = asyncio.create_task(ask(http, api))
    await eventually(lambda: worker.jobs, api.log)
    followers = [asyncio.create_task(ask(http, api)) for _ in range(3)]
    text = ""
    while "classifycloud_api_pending 4.0" not in text:
        text = (await http.get(f"{api.url}/metrics")).text
        await asyncio.sleep(0.05)
    leader.cancel()
    while "classifycloud_api_pending 3.0" not in text:
        text = (await http.get(f"{api.url}/metrics")).text
        await asyncio.sleep(0.05)
    assert len(worker.jobs) == 1
    await worker.answer(worker.jobs[0])
    answers = await asyncio.gather(*followers)
    said = {(each.status_code, each.json()["uuid"]) for each in answers}
    assert said == {(200, worker.jobs[0].uuid)}


async def test_each_replica_remembers_by_itself_and_forgets_in_time(start, worker, http):
    two = [await start(cache_seconds=2).ready() for _ in range(2)]
    said = [(await ask(http, api)).json()["cached"] for api in (*two, *two)]
    assert said == [False, False, True, True]
    await asyncio.sleep(2.1)
    assert not (await ask(http, two[0])).json()["cached"]
    assert len(worker.jobs) == 3
