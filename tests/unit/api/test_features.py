"""What comes out of a layer, from the worker's answer to the client's."""

import asyncio
import json
import struct

import pytest

from wire.messages import Answer, Features, Job
from wire.names import features_key

CAT = "https://example.com/cat.jpg"
VALUES = (0.5, -1.25, 3e-9, 7.0, 0.0, 1.0)


def npy(values=VALUES, shape=(2, 3)) -> bytes:
    """NumPy's format, version 1.0."""
    about = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    about += " " * (-(10 + len(about) + 1) % 64) + "\n"
    head = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(about))
    return head + about.encode() + struct.pack(f"<{len(values)}f", *values)


def seen(job: Job, **fields: object) -> Answer:
    given = {"layer": job.layer, "shape": (2, 3), "dtype": "float32", "npy": npy()} | fields
    return Answer(
        uuid=job.uuid,
        image_url=job.image_url,
        features=Features(**given),
        model="tiny-inception",
        model_version="1",
    )


def kept(job: Job) -> Answer:
    return seen(job, npy=None, key=features_key(job.uuid))


async def ask(api, layer="logits", **query):
    return await api.http.get("/features", params={"url": CAT, "layer": layer, **query})


async def test_numbers_as_json(deployment):
    await deployment.worker(seen)
    api = await deployment.replica()
    body = (await ask(api)).json()
    (job,) = deployment.jobs
    assert (job.task, job.layer, job.image_url) == ("features", "logits", CAT)
    assert body["values"] == list(struct.unpack("<6f", struct.pack("<6f", *VALUES)))
    assert (body["shape"], body["dtype"], body["layer"]) == ([2, 3], "float32", "logits")
    assert (body["uuid"], body["model"], body["modelVersion"]) == (job.uuid, "tiny-inception", "1")


@pytest.mark.parametrize(
    ("query", "headers", "kind"),
    [
        ({"format": "npy"}, {}, "application/x-npy"),
        ({}, {"Accept": "application/x-npy, */*"}, "application/x-npy"),
        ({"format": "json"}, {"Accept": "application/x-npy"}, "application/json"),
        ({}, {}, "application/json"),
    ],
)
async def test_the_kind_is_chosen_by_parameter_or_header(deployment, query, headers, kind):
    await deployment.worker(seen)
    api = await deployment.replica()
    params = {"url": CAT, "layer": "logits", **query}
    answer = await api.http.get("/features", params=params, headers=headers)
    assert answer.headers["content-type"] == kind
    if kind == "application/x-npy":
        assert answer.content == npy()
        assert answer.headers["x-shape"] == "2,3"


async def test_a_large_one_is_read_from_the_store_and_removed_once_sent(deployment):
    await deployment.worker(kept)
    api = await deployment.replica()
    asked = asyncio.create_task(ask(api, format="npy"))
    await api.pending(1)
    key = features_key(api.replica.pending.all()[0].uuid)
    await deployment.store.put(key, npy())
    answer = await asked
    assert answer.content == npy()
    assert await deployment.store.get(key) is None


async def test_one_that_is_gone_is_our_fault(deployment):
    await deployment.worker(kept)
    api = await deployment.replica()
    answer = await ask(api)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")


async def test_what_is_no_number_is_null(deployment):
    odd = (float("nan"), float("inf"), -float("inf"), 1.0, 2.0, 3.0)
    await deployment.worker(lambda job: seen(job, npy=npy(odd)))
    api = await deployment.replica()
    text = (await ask(api)).text
    assert json.loads(text, parse_constant=pytest.fail)["values"] == [
        None,
        None,
        None,
        1.0,
        2.0,
        3.0,
    ]


async def test_many_values_are_all_there(deployment):
    values = tuple(float(at) for at in range(10_000))
    many = npy(values, (10_000,))
    await deployment.worker(lambda job: seen(job, npy=many, shape=(10_000,)))
    api = await deployment.replica()
    assert (await ask(api)).json()["values"] == list(values)


async def test_nothing_is_remembered(deployment):
    await deployment.worker(seen)
    api = await deployment.replica(cache_seconds=60)
    await ask(api)
    await ask(api)
    await ask(api, "other")
    assert [job.layer for job in deployment.jobs] == ["logits", "logits", "other"]


async def test_an_answer_without_features_is_our_fault(deployment):
    await deployment.worker()
    api = await deployment.replica()
    assert (await ask(api)).status_code == 500


@pytest.mark.parametrize("layer", ["", "x" * 201])
async def test_a_layer_must_be_named(deployment, layer):
    api = await deployment.replica()
    answer = await ask(api, layer)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")
    assert not deployment.jobs


async def test_one_that_comes_late_is_found_by_its_id(deployment):
    api = await deployment.replica(wait=0.2)
    answer = await ask(api)
    assert answer.status_code == 504
    uuid = answer.json()["error"]["job"]
    assert (await api.http.get(f"/features/{uuid}")).status_code == 404
    await deployment.worker(seen)
    async with asyncio.timeout(10):
        while (await api.http.get(f"/jobs/{uuid}")).json()["status"] == "queued":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    status = (await api.http.get(f"/jobs/{uuid}")).json()
    assert status["features"] == {"layer": "logits", "shape": [2, 3], "dtype": "float32"}
    late = await api.http.get(f"/features/{uuid}", params={"format": "npy"})
    assert late.content == npy()
