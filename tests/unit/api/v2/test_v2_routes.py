"""`/v2`: pictures of one request are ordinary jobs; its errors are the protocol's."""

import json

import pytest

from tests.unit.api.conftest import classified
from wire.messages import Answer, ErrorBody
from wire.names import uploaded

URL = "https://example.com/{}.jpg"


def asking(*urls, **more):
    tensor = {"name": "url", "shape": [len(urls)], "datatype": "BYTES", "data": list(urls)}
    return json.dumps({"inputs": [tensor]} | more)


async def infer(api, content, path="/v2/models/m/infer"):
    return await api.http.post(path, content=content)


@pytest.fixture
async def api(deployment, monkeypatch):
    running = await deployment.replica()
    monkeypatch.setattr(running.replica.models, "check", lambda *_: None)
    return running


async def test_several_pictures_are_as_many_jobs_and_one_answer_in_order(deployment, api):
    def named(job):
        labels = tuple(
            label.model_copy(update={"name": job.image_url}) for label in classified(job).labels
        )
        return classified(job).model_copy(update={"labels": labels})

    await deployment.worker(named)
    urls = [URL.format(at) for at in range(5)]
    answer = await infer(api, asking(*urls, parameters={"top": 2}))
    assert answer.status_code == 200
    outputs = {each["name"]: each for each in answer.json()["outputs"]}
    assert outputs["label"]["shape"] == [5, 2]
    assert outputs["label"]["data"] == [url for url in urls for _ in range(2)]
    assert sorted(job.image_url for job in deployment.jobs) == urls
    assert {(job.top, job.model) for job in deployment.jobs} == {(2, "m")}
    assert len(answer.json()["parameters"]["jobs"].split(",")) == 5


async def test_bytes_are_kept_for_the_worker_and_not_here(deployment, api):
    await deployment.worker()
    tensor = {"name": "pixels", "shape": [1, 1, 1, 3], "datatype": "UINT8", "data": [[[[1, 2, 3]]]]}
    assert (await infer(api, json.dumps({"inputs": [tensor]}))).status_code == 200
    (job,) = deployment.jobs
    assert (await deployment.store.get(uploaded(job.image_url))).startswith(b"\x89PNG")


async def test_the_first_picture_that_fails_is_the_answer_and_nobody_waits_on(deployment, api):
    def verdict(job):
        if "1" not in job.image_url:
            return None
        error = ErrorBody(code="invalid_image", message="It is damaged.")
        return Answer(uuid=job.uuid, image_url=job.image_url, error=error)

    await deployment.worker(verdict)
    answer = await infer(api, asking(URL.format(0), URL.format(1), URL.format(2)))
    assert answer.status_code == 422
    failed = next(job.uuid for job in deployment.jobs if "1" in job.image_url)
    said = answer.json()["error"]
    assert said.startswith("invalid_image: Picture 1 of 3, counted from 0: It is damaged.")
    assert failed in said
    assert len(api.replica.pending) == 0


async def test_errors_before_there_is_a_job_have_the_protocols_shape(deployment, api):
    for content, status, code in (
        (b"{", 400, "invalid_parameter"),
        (asking("ftp://example.com/a"), 400, "unsupported_scheme"),
        (asking("http://127.0.0.1/a"), 403, "blocked_address"),
    ):
        answer = await infer(api, content)
        assert (answer.status_code, answer.json()["error"].split(":")[0]) == (status, code)
    assert deployment.jobs == []


async def test_a_key_is_needed_where_one_is_and_each_picture_costs_a_token(deployment, monkeypatch):
    locked = await deployment.replica(access="keys")
    refused = await infer(locked, asking(URL.format(0)))
    assert refused.status_code == 401
    assert refused.json()["error"].startswith("unauthorized: ")
    assert refused.headers["www-authenticate"] == "Bearer"
    api = await deployment.replica(address_rate=0.001, address_burst=3)
    monkeypatch.setattr(api.replica.models, "check", lambda *_: None)
    answer = await infer(api, asking(*(URL.format(at) for at in range(4))))
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert deployment.jobs == []


async def test_what_it_is_and_what_is_not_there(deployment):
    api = await deployment.replica()
    assert (await api.http.get("/v2")).json()["extensions"] == ["binary_tensor_data"]
    assert (await api.http.get("/v2/health/live")).json() == {"live": True}
    assert (await api.http.get("/v2/health/ready")).json() == {"ready": True}
    for path in ("/v2/models/none", "/v2/models/none/versions/1/ready"):
        answer = await api.http.get(path)
        assert answer.status_code == 404
        assert isinstance(answer.json()["error"], str)
