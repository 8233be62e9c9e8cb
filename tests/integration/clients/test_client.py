"""`classifycloud.client` and the commands, asked from outside of a service that runs."""

import asyncio
import io
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy
import pytest

from classifycloud.client import (
    AsyncClient,
    BadPicture,
    BadRequest,
    Client,
    Conflict,
    NotAllowed,
    NotFound,
    Unreachable,
)
from local.samples import FOLDER
from tests.service import Origin, Service, free_port

CAT, COFFEE = FOLDER / "chelsea.jpg", FOLDER / "coffee.jpg"
LAYER = "concatenate_8"


@pytest.fixture
def cloud(running: Service) -> Iterator[Client]:
    with Client(running.url) as client:
        yield client


def test_a_picture_in_every_form_has_the_same_labels(cloud: Client, origin: Origin) -> None:
    with CAT.open("rb") as file:
        forms: list[Any] = [origin.url(CAT.name), CAT, str(CAT), CAT.read_bytes(), file]
        found = [cloud.classify(each, top=3) for each in forms]
    assert len({each.result for each in found}) == 1
    assert [len(each.labels) for each in found] == [3] * 5
    # Which version answers, other tests of this service may have changed.
    assert {each.model for each in found} == {"tiny-inception"}
    assert len({each.model_version for each in found}) == 1
    assert len({each.uuid for each in found}) == 5


def test_a_key_of_ones_own_brings_the_first_answer_again(cloud: Client) -> None:
    first = cloud.classify(CAT, idempotency_key="mine")
    again = cloud.classify(CAT, idempotency_key="mine")
    assert (again.uuid, again.labels, again.replayed) == (first.uuid, first.labels, True)
    with pytest.raises(BadRequest) as told:
        cloud.classify(COFFEE, idempotency_key="mine")
    assert (told.value.code, told.value.status) == ("idempotency_mismatch", 422)


def test_without_a_key_the_service_may_answer_from_memory(cloud: Client, origin: Origin) -> None:
    first, again = (cloud.classify(origin.url(COFFEE.name), idempotency_key=None) for _ in "ab")
    assert (again.cached, again.labels) == (True, first.labels)
    assert again.age is not None
    fresh = cloud.classify(origin.url(COFFEE.name), idempotency_key=None, max_age=0)
    assert not fresh.cached


def test_labels_are_chosen_from(cloud: Client) -> None:
    every = cloud.classify(CAT, top=5)
    first, second = every.labels[:2]
    assert cloud.classify(CAT, exclude=first.class_id).result == second.name
    assert [each.name for each in cloud.classify(CAT, include=[second.name]).labels] == [
        second.name
    ]
    assert cloud.classify(CAT, min_confidence=1.0, include=[second.name]).result is None


@pytest.mark.parametrize("form", ["npy", "json"])
def test_features_are_the_files_of_numpys(cloud: Client, running: Service, form: str) -> None:
    asked = {"layer": LAYER, "format": "npy"}
    plain = httpx.post(
        f"{running.url}/features", params=asked, content=CAT.read_bytes(), timeout=60
    )
    wanted = numpy.load(io.BytesIO(plain.content))
    found = cloud.features(CAT, LAYER, form=form)
    numpy.testing.assert_array_equal(found.numpy(), wanted)
    assert found.model.startswith("tiny-inception ")


def test_what_is_refused_has_its_code(cloud: Client, tmp_path: Path) -> None:
    faults: list[tuple[type[Exception], str, Any]] = [
        (BadPicture, "unsupported_format", lambda: cloud.classify(b"no picture")),
        (BadPicture, "blocked_address", lambda: cloud.classify("http://10.0.0.1/a.jpg")),
        (NotFound, "model_not_found", lambda: cloud.classify(CAT, model="none")),
        (NotFound, "layer_not_found", lambda: cloud.features(CAT, "none")),
        (NotFound, "job_not_found", lambda: cloud.job("none")),
        (BadRequest, "invalid_parameter", lambda: cloud.classify(CAT, top=0)),
    ]
    for kind, code, ask in faults:
        with pytest.raises(kind) as told:
            ask()
        assert told.value.code == code  # type: ignore[attr-defined]
    with pytest.raises(FileNotFoundError):
        cloud.classify(tmp_path / "none.jpg")
    with Client(cloud.url, "ccloud_wrong") as stranger, pytest.raises(NotAllowed):
        stranger.models()
    with Client(f"http://127.0.0.1:{free_port()}") as nobody, pytest.raises(Unreachable):
        nobody.classify(CAT)


def test_many_come_in_order_and_as_they_are_done(cloud: Client, tmp_path: Path) -> None:
    pictures = [CAT, tmp_path / "none.jpg", COFFEE, b"no picture", CAT]
    found = list(cloud.classify_many(pictures, at_once=3))
    assert [each.picture for each in found] == pictures
    assert [each.error is None for each in found] == [True, False, True, False, True]
    done = list(cloud.classify_many(iter(pictures), at_once=3, as_done=True))
    assert sorted(map(str, (each.picture for each in done))) == sorted(map(str, pictures))


async def test_who_awaits_gets_the_same(running: Service, origin: Origin) -> None:
    async def endless() -> Any:
        while True:
            yield origin.url(CAT.name)

    async with AsyncClient(running.url) as cloud:
        found, layer, models = await asyncio.gather(
            cloud.classify(CAT), cloud.features(CAT, LAYER), cloud.models()
        )
        assert found.labels
        assert layer.shape
        assert [each.name for each in models if each.default] == [found.model]
        seen = []
        async for outcome in cloud.classify_many(endless(), at_once=2):
            seen.append(outcome.unwrap().result)
            if len(seen) == 5:
                break
        assert set(seen) == {found.result}
        await cloud.alive()
        await cloud.ready()
        assert "classifycloud_api_requests_total" in await cloud.metrics()


def test_a_job_is_followed_asked_again_and_forgotten(cloud: Client, origin: Origin) -> None:
    url = origin.url(CAT.name)
    job = cloud.submit(url, id="mine-1", top=2)
    assert cloud.submit(url, id="mine-1", top=2).uuid == job.uuid
    with pytest.raises(Conflict):
        cloud.submit(url, id="mine-1", top=3)
    changes = list(cloud.events(job.uuid))
    assert changes[-1].ended
    done = cloud.wait("mine-1")
    assert (done.uuid, done.status) == (job.uuid, "succeeded")
    assert done.classification().labels == cloud.classify(CAT, top=2).labels
    again = cloud.retry(job.uuid)
    assert (again.retry_of, cloud.retry(job.uuid).uuid) == (job.uuid, again.uuid)
    assert cloud.cancel(job.uuid).status == "succeeded"
    cloud.delete(job.uuid)
    with pytest.raises(NotFound):
        cloud.job(job.uuid)
    assert cloud.wait(cloud.submit(CAT.read_bytes(), top=1).uuid).classification().result
    seen = cloud.wait(cloud.submit(url, layer=LAYER).uuid)
    assert cloud.late_features(seen.uuid).shape == cloud.features(CAT, LAYER).shape


def test_a_request_that_prefers_not_to_wait_is_followed(cloud: Client, origin: Origin) -> None:
    origin.delay = 1.0
    try:
        assert cloud.classify(f"{origin.url(CAT.name)}?prefers", wait=0).labels
    finally:
        origin.delay = 0.0


def test_a_bulk_job_is_followed_to_its_rows(cloud: Client, origin: Origin) -> None:
    urls = [f"{origin.url(CAT.name)}?bulk={n}" for n in range(4)]
    bulk = cloud.submit_many([*urls, {"url": origin.url("none.jpg"), "id": "gone"}], top=1)
    assert bulk.rows == 5
    *_, ended = cloud.events(bulk.uuid, timeout=90)
    assert (ended.status, ended.succeeded, ended.failed) == ("succeeded", 4, 1)
    rows = cloud.results(bulk.uuid)
    assert [each.url for each in rows[:4]] == urls
    assert {each.result for each in rows[:4]} == {cloud.classify(CAT).result}
    assert (rows[4].id, rows[4].error and rows[4].error.code) == ("gone", "upstream_status")
    if "parquet" in ended.results:
        assert cloud.results_file(bulk.uuid)[:4] == b"PAR1"
    cloud.delete(bulk.uuid)


def test_a_front_end_that_is_killed_midway_costs_no_second_piece_of_work(
    running: Service, origin: Origin, cloud: Client
) -> None:
    cloud.alive()  # what has answered once is waited for when it goes
    (front,) = running.pids("api")
    url, before = f"{origin.url(COFFEE.name)}?killed", len(origin.hits)

    def kill() -> None:
        while len(origin.hits) == before:
            time.sleep(0.01)
        os.kill(front, signal.SIGKILL)

    origin.delay = 1.0
    try:
        threading.Thread(target=kill, daemon=True).start()
        answer = cloud.classify(url)
    finally:
        origin.delay = 0.0
    assert answer.result
    assert [hit for hit in origin.hits if hit.endswith("?killed")] == [f"/{COFFEE.name}?killed"]
    assert running.pids("api") != [front]
