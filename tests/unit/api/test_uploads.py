import asyncio
import tracemalloc

import pytest

from api.uploads import FORM_ROOM, Uploads
from tests.unit.api.conftest import classified
from wire.errors import Overloaded, RequestTimeout
from wire.memory import MemoryStore
from wire.names import result_key, upload_key, upload_url

PICTURE = b"\xff\xd8 not really a picture, and binary \x00\r\n--x--"
JPEG = {"content-type": "image/jpeg"}


async def test_raw_bytes_reach_the_worker_through_the_store(deployment, until):
    seen = []

    def look(job):
        seen.append(deployment.store._objects[upload_key(job.uuid)].data)
        return classified(job)

    await deployment.worker(look)
    api = await deployment.replica()
    for headers in (JPEG, {}, {"content-type": "application/x-www-form-urlencoded"}):
        answer = await api.http.post("/classify?top=1", content=PICTURE, headers=headers)
        assert answer.status_code == 200
        assert len(answer.json()["labels"]) == 1
    assert seen == [PICTURE] * 3
    assert [job.image_url for job in deployment.jobs] == [
        upload_url(upload_key(job.uuid)) for job in deployment.jobs
    ]


async def test_a_form_field_reaches_the_worker_too(deployment):
    seen = []

    def look(job):
        seen.append(deployment.store._objects[upload_key(job.uuid)].data)
        return classified(job)

    await deployment.worker(look)
    api = await deployment.replica()
    answer = await api.http.post("/classify", files={"file": ("cat.jpg", PICTURE)})
    assert answer.status_code == 200
    assert seen == [PICTURE]


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"content": b""}, 415, "unsupported_format"),
        ({"files": {"file": ("cat.jpg", b"")}}, 415, "unsupported_format"),
        ({"files": {"picture": ("cat.jpg", b"x")}}, 400, "invalid_parameter"),
        ({"files": {"file": ("a", b"x")}, "data": {"top": "3"}}, 400, "invalid_parameter"),
        ({"files": [("file", ("a", b"x")), ("file", ("b", b"y"))]}, 400, "invalid_parameter"),
        ({"files": {"file": (None, "text")}}, 400, "invalid_parameter"),
        (
            {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
            400,
            "invalid_parameter",
        ),
        (
            {"content": b"--y", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            400,
            "invalid_parameter",
        ),
        ({"content": b"x" * 101}, 413, "body_too_large"),
        ({"files": {"file": ("cat.jpg", b"x" * 101)}}, 413, "body_too_large"),
        ({"files": {"file": ("cat.jpg", b"x" * (200 + FORM_ROOM))}}, 413, "body_too_large"),
        ({"content": b"x", "params": {"top": 0}}, 400, "invalid_parameter"),
        ({"content": b"x", "params": {"model": "none"}}, 404, "model_not_found"),
    ],
)
async def test_a_body_that_is_no_picture(deployment, request_, status, code):
    api = await deployment.replica(max_bytes=100)
    answer = await api.http.post("/classify", **request_)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert await deployment.store.keys("") == []
    assert len(api.replica.pending) == 0


async def test_exactly_the_limit_is_taken(deployment):
    await deployment.worker()
    api = await deployment.replica(max_bytes=100)
    assert (await api.http.post("/classify", content=b"x" * 100)).status_code == 200
    form = await api.http.post("/classify", files={"file": ("cat.jpg", b"x" * 100)})
    assert form.status_code == 200


async def test_a_body_without_a_length_is_stopped_at_the_limit(deployment):
    api = await deployment.replica(max_bytes=100)
    taken = []

    async def endless():
        while True:
            taken.append(50)
            yield b"x" * 50

    answer = await api.http.post("/classify", content=endless())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert sum(taken) <= 200


async def test_an_announced_length_is_refused_before_the_body(deployment):
    api = await deployment.replica(max_bytes=100)

    async def never():
        raise AssertionError("the body was read")
        yield b""

    for kind in ("image/jpeg", "multipart/form-data; boundary=x"):
        answer = await api.http.post(
            "/classify",
            content=never(),
            headers={"content-length": str(200 + FORM_ROOM), "content-type": kind},
        )
        assert answer.status_code == 413


async def test_an_upload_outlives_its_504(deployment, until):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(wait=0.1)
    answer = await api.http.post("/classify", content=PICTURE)
    assert answer.status_code == 504
    uuid = answer.json()["error"]["job"]
    assert await deployment.store.get(upload_key(uuid)) == PICTURE
    await deployment.answer(classified(deployment.jobs[0]))
    await until(lambda: result_key(uuid) in deployment.store._objects)
    assert (await api.http.get(f"/jobs/{uuid}")).json()["status"] == "succeeded"


class Slow:
    headers: dict[str, str] = {}  # noqa: RUF012

    async def stream(self):
        await asyncio.sleep(3600)
        yield b"x"


async def test_slow_bodies_are_bounded_in_time_and_number():
    uploads = Uploads(MemoryStore(), 100, at_once=1, patience=0.05)
    slow = asyncio.create_task(uploads.keep(Slow()))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await uploads.keep(Slow())
    with pytest.raises(RequestTimeout):
        await slow
    with pytest.raises(RequestTimeout):
        await uploads.keep(Slow())


async def test_clients_that_wait_hold_no_pictures_in_memory(deployment, monkeypatch):
    async def swallow(*args):
        await asyncio.sleep(0)

    async def picture():
        for _ in range(50):
            yield bytes(100_000)

    monkeypatch.setattr(deployment.store, "put", swallow)
    await deployment.worker(lambda job: None)
    api = await deployment.replica(drain_grace=0.01)
    tracemalloc.start()
    waiting = [asyncio.create_task(api.http.post("/classify", content=picture())) for _ in range(4)]
    await api.pending(4)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak > 5_000_000 > held
    await api.stop()
    assert [answer.status_code for answer in await asyncio.gather(*waiting)] == [503] * 4


async def test_a_picture_that_finds_no_place_leaves_none_behind(deployment, monkeypatch):
    api = await deployment.replica()
    put = deployment.store.put

    async def closing(*args):
        await put(*args)
        api.replica.pending.close()

    monkeypatch.setattr(deployment.store, "put", closing)
    answer = await api.http.post("/classify", content=PICTURE)
    assert answer.json()["error"]["code"] == "shutting_down"
    assert await deployment.store.keys("") == []
