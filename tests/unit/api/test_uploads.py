import asyncio
import tracemalloc

import pytest

from api.uploads import FORM_ROOM, Pace, Uploads
from tests.unit.api.conftest import classified
from wire.errors import Overloaded, RateLimited, RequestTimeout
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
    uploads = Uploads(MemoryStore(), 100, at_once=1, pace=Pace(0.05, 100, 0.05))
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


class Trickle:
    """A body that comes a byte at a time, never silent for long."""

    headers: dict[str, str] = {}  # noqa: RUF012

    def __init__(self, pause: float) -> None:
        self.pause = pause
        self.sent = 0

    async def stream(self):
        for _ in range(1000):
            await asyncio.sleep(self.pause)
            self.sent += 1
            yield b"x"


class Brief:
    headers: dict[str, str] = {}  # noqa: RUF012

    async def stream(self):
        yield b"x"


async def test_a_body_that_trickles_is_too_slow():
    uploads = Uploads(MemoryStore(), 10_000, pace=Pace(grace=0.1, rate=1000, most=60))
    slow = Trickle(0.02)  # 50 bytes a second where 1 000 are asked
    with pytest.raises(RequestTimeout):
        await uploads.keep(slow)
    assert slow.sent < 1000


async def test_a_body_that_keeps_the_pace_may_take_longer_than_the_grace():
    uploads = Uploads(MemoryStore(), 10_000, pace=Pace(grace=0.5, rate=1, most=60))
    assert await uploads.keep(Trickle(0.001))


async def test_nobody_takes_all_places():
    uploads = Uploads(MemoryStore(), 100, at_once=8)
    held = [asyncio.create_task(uploads.keep(Slow(), "loud")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(RateLimited):
        await uploads.keep(Slow(), "loud")
    held += [asyncio.create_task(uploads.keep(Slow(), f"quiet-{i}")) for i in range(6)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await uploads.keep(Slow(), "one more")
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    assert await uploads.keep(Brief(), "loud")


def form(*parts: bytes, boundary: bytes = b"edge") -> dict:
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return {
        "content": body + b"--" + boundary + b"--\r\n",
        "headers": {"content-type": f"multipart/form-data; boundary={boundary.decode()}"},
    }


def part(headers: bytes, body: bytes = PICTURE) -> bytes:
    return headers + b"\r\n\r\n" + body


FILE = b'Content-Disposition: form-data; name="file"; filename="a.jpg"'
ODD_FORMS = {
    "many parts": (form(*[part(b'Content-Disposition: form-data; name="a"')] * 500), 400),
    "many files": (form(*[part(FILE)] * 50), 400),
    "a part with a long header": (form(part(FILE + b"\r\nX: " + b"a" * 60_000)), 400),
    "a part with many headers": (form(part(FILE + b"\r\nX: a" * 5_000)), 400),
    "a part without a name": (form(part(b"Content-Disposition: form-data")), 400),
    "a part without headers": (form(part(b"")), 400),
    "a form within the form": (
        form(
            part(FILE + b"\r\nContent-Type: multipart/mixed; boundary=y", b"--y\r\n\r\n1\r\n--y--")
        ),
        200,  # its bytes, taken for a picture as any others
    ),
    "a long boundary": (form(part(FILE), boundary=b"b" * 10_000), 400),
    "an empty boundary": (form(part(FILE), boundary=b""), 400),
    "no end": ({**form(part(FILE)), "content": b"--edge\r\n" + FILE + b"\r\n\r\nabc"}, 400),
    "a path for a name": (form(part(FILE.replace(b"a.jpg", b"../../../etc/passwd"))), 200),
    "a nul in a name": (form(part(FILE.replace(b"a.jpg", b"a\0.jpg"))), 200),
    "an unknown charset": (
        {
            **form(part(FILE)),
            "headers": {"content-type": "multipart/form-data; boundary=edge; charset=zip"},
        },
        200,
    ),
}


@pytest.mark.parametrize("name", ODD_FORMS)
async def test_odd_forms_do_no_harm(deployment, name):
    """Names are never used; what is not one small form with one file is refused."""
    request, status = ODD_FORMS[name]
    await deployment.worker()
    api = await deployment.replica()
    answer = await api.http.post("/classify", **request)
    assert (answer.status_code, answer.json().get("error")) == (status, answer.json().get("error"))
    keys = await deployment.store.keys("")
    assert all(key.startswith(("uploads/", "state/")) and ".." not in key for key in keys)
