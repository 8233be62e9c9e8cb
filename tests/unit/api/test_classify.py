import asyncio

import pytest

from wire import errors
from wire.messages import Answer, ErrorBody

CAT = "https://example.com/cat.jpg"


async def test_an_answer_reads_as_documented(deployment):
    await deployment.worker()
    api = await deployment.replica()
    answer = await api.classify(top=2)
    assert answer.status_code == 200
    body = answer.json()
    (job,) = deployment.jobs
    assert body["timings"].pop("totalMs") > 0
    assert body == {
        "uuid": job.uuid,
        "imageUrl": CAT,
        "result": "thing 0",
        "labels": [
            {"name": "thing 0", "classId": "n00000000", "confidence": 1 / 2},
            {"name": "thing 1", "classId": "n00000001", "confidence": 1 / 3},
        ],
        "model": "tiny-inception",
        "modelVersion": "1",
        "timings": {"queueMs": 1, "fetchMs": 2, "decodeMs": 3, "inferenceMs": 4},
        "cached": False,
    }


async def test_the_job_carries_what_was_asked(deployment):
    await deployment.worker()
    api = await deployment.replica(job_deadline=77)
    await api.classify(top=7)
    (job,) = deployment.jobs
    assert (job.image_url, job.top, job.deadline, job.persist) == (CAT, 7, 77, "record")
    assert [job.reply_to] == await deployment.responses()


@pytest.mark.parametrize("code", sorted(errors.BY_CODE))
async def test_what_a_worker_reports_is_what_the_client_reads(deployment, code):
    def refuse(job):
        error = ErrorBody(code=code, message=f"because of {code}")
        return Answer(uuid=job.uuid, image_url=job.image_url, error=error)

    await deployment.worker(refuse)
    api = await deployment.replica()
    answer = await api.classify()
    kind = errors.BY_CODE[code]
    assert answer.status_code == kind.status
    assert answer.json() == {
        "error": {"code": code, "message": f"because of {code}", "job": deployment.jobs[0].uuid}
    }
    retry = answer.headers.get("retry-after")
    assert retry == (None if kind.retry_after is None else str(kind.retry_after))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/classify", "invalid_url"),
        ("/classify?url=", "invalid_url"),
        ("/classify?url=cat", "invalid_url"),
        ("/classify?url=http://", "invalid_url"),
        ("/classify?url=ftp://example.com/cat.jpg", "unsupported_scheme"),
        ("/classify?url=upload:uploads/1", "unsupported_scheme"),
        ("/classify?url=file:///etc/passwd", "unsupported_scheme"),
        ("/classify?url=http://me:pw@example.com/cat.jpg", "credentials_in_url"),
        ("/classify?url=http://127.0.0.1/cat.jpg", "blocked_address"),
        ("/classify?url=http://[::1]/cat.jpg", "blocked_address"),
        ("/classify?url=http://example.com:22/cat.jpg", "blocked_port"),
        (f"/classify?url={CAT}&top=0", "invalid_parameter"),
        (f"/classify?url={CAT}&top=1001", "invalid_parameter"),
        (f"/classify?url={CAT}&top=many", "invalid_parameter"),
        (f"/classify?url={CAT}&model=none-such", "model_not_found"),
        (f"/classify?url={CAT}&model=", "model_not_found"),
        (f"/classify?url={CAT}&model=../../etc&modelVersion=1", "model_not_found"),
        (f"/classify?url={CAT}&modelVersion=99", "model_not_found"),
    ],
)
async def test_what_cannot_be_worked_is_refused_without_a_job(deployment, path, code):
    api = await deployment.replica()
    answer = await api.http.get(path)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (errors.BY_CODE[code].status, code)
    assert error["job"] is None
    requests = await deployment.queues.open(deployment.names.requests)
    assert (await requests.depth()).visible == 0
    assert len(api.replica.pending) == 0


async def test_a_host_on_the_allow_list_may_be_asked_for(deployment):
    await deployment.worker()
    api = await deployment.replica(fetch_allow="127.0.0.1:9999, other:80")
    assert (await api.classify(url="http://127.0.0.1:9999/cat.jpg")).status_code == 200


async def test_many_at_once_each_get_their_own(deployment):
    await deployment.worker()
    first, second = await deployment.replica(), await deployment.replica()
    urls = [f"https://example.com/{i}.jpg" for i in range(60)]
    answers = await asyncio.gather(
        *((first, second)[i % 2].classify(url=url) for i, url in enumerate(urls))
    )
    assert [answer.json()["imageUrl"] for answer in answers] == urls
    assert len({answer.json()["uuid"] for answer in answers}) == 60
    assert len({job.reply_to for job in deployment.jobs}) == 2


async def test_the_table_of_waiting_requests_is_bounded(deployment):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(max_pending=2)
    waiting = [asyncio.create_task(api.classify()) for _ in range(2)]
    await api.pending(2)
    refused = await api.classify()
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
    assert refused.headers["retry-after"] == "5"
    await api.stop()
    assert [answer.status_code for answer in await asyncio.gather(*waiting)] == [503, 503]


async def test_requests_that_come_before_the_queues_wait_for_them(deployment):
    await deployment.worker()
    api = await deployment.replica(start=False)
    early = asyncio.create_task(api.classify())
    assert (await api.http.get("/readyz")).status_code == 503
    assert (await api.http.get("/healthz")).status_code == 200
    await asyncio.sleep(0.02)
    assert not early.done()
    await api.start()
    assert (await early).status_code == 200
    assert (await api.http.get("/readyz")).status_code == 200


async def test_a_client_that_leaves_takes_its_place_along(deployment, until):
    await deployment.worker(lambda job: None)
    api = await deployment.replica()
    sent = []

    async def leave():
        await api.pending(1)
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/classify",
        "raw_path": b"/classify",
        "query_string": b"url=https://example.com/cat.jpg",
        "headers": [],
        "root_path": "",
        "scheme": "http",
        "server": ("api.test", 80),
    }
    await api.app(scope, leave, send)
    assert len(api.replica.pending) == 0
    await until(lambda: deployment.jobs)
    text = (await api.http.get("/metrics")).text
    assert 'requests_total{code="client_gone",route="/classify",status="499"} 1.0' in text
