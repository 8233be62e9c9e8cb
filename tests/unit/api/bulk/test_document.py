"""What a body may become in memory, whatever it is."""

import asyncio
import json
import tracemalloc

import pytest

from api.bulk import document, manifest
from api.bulk.body import BYTES, SHARE
from api.bulk.kept import MOST
from wire.errors import InvalidParameter

ROWS = [
    {"url": f"https://example.com/{row}.jpg?{'size=1,2&' * 9}", "id": f"é{row}", "more": [row, {}]}
    for row in range(MOST)
]
BOMBS = {
    "objects": b"[" + b"{}," * (BYTES // 3 - 2) + b"{}]",
    "lists": b'{"urls": [' + b"[]," * (BYTES // 3 - 6) + b"[]]}",
    "texts": b"[" + b'"ab",' * (BYTES // 5 - 2) + b'"ab"]',
    "numbers": b"[" + b"1e9," * (BYTES // 4 - 2) + b"1e9]",
    "names": b"[{" + b",".join(b'"%d":0' % at for at in range(BYTES // 12)) + b"}]",
    "deep": b"[" * BYTES,
    "behind half a text": '["\u2222",'.encode("utf-16-le") + "{},".encode("utf-16-le") * 700_000,
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_full_list_is_read_as_json_reads_it(encoding):
    body = json.dumps(ROWS, ensure_ascii=False).encode(encoding)
    assert document.parsed(body, "no") == ROWS


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_body_becomes_many_times_as_much(bomb):
    text = BOMBS[bomb]
    tracemalloc.start()
    with pytest.raises(InvalidParameter, match="too many values"):
        document.parsed(text, "no")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * BYTES


def test_lines_are_not_all_taken_apart_at_once():
    text = b"\n" * (BYTES // 16)
    tracemalloc.start()
    with pytest.raises(InvalidParameter, match="empty"):
        manifest.lines(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(text)


@pytest.mark.parametrize("text", [b"", b'["', b'["\\', b'"' * 1001, b'["\xff"]', b"[1,]", b"NaN1"])
def test_what_is_no_json_is_refused_by_its_name(text):
    with pytest.raises(InvalidParameter, match="Line 7"):
        document.parsed(text, "Line 7 is no JSON.")


async def test_a_list_has_its_place_until_the_store_has_it(deployment, monkeypatch):
    api, put, go = await deployment.replica(), deployment.store.put, asyncio.Event()

    async def slow(*args):
        await go.wait()
        await put(*args)

    monkeypatch.setattr(deployment.store, "put", slow)
    headers = {"Content-Type": "application/json"}
    body = json.dumps([f"https://example.com/{'x' * 700}/{at}" for at in range(120)])
    ways = [api.http.post("/jobs", content=body, headers=headers) for _ in range(SHARE + 1)]
    asked = [asyncio.create_task(way) for way in ways]
    async with asyncio.timeout(10):
        (refused,), _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    assert refused.result().json()["error"]["code"] == "rate_limited"
    go.set()
    codes = sorted([each.status_code for each in await asyncio.gather(*asked)])
    assert codes == [202] * SHARE + [429]
