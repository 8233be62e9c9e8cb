"""A real worker and an origin that has its moods: how often each picture is asked for, and the answer."""

import asyncio
import contextlib
import json
from collections import Counter

import pytest

from tests.integration.workbench import PATIENCE
from tests.servers import ROOT

pytestmark = pytest.mark.timeout(600)
PHOTO = (ROOT / "local" / "samples" / "coffee.jpg").read_bytes()
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PHOTO) + PHOTO
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
SOON = b"HTTP/1.1 429 Slow down\r\nRetry-After: 8\r\nContent-Length: 0\r\n\r\n"
LATER = b"HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
CUT = GOOD[:-1000]
SILENCE = b""

# What it says, one answer a request (the last one again and again); the verdict; how often it is asked.
MOODS = {
    "/good": ([GOOD], None, 1),
    "/busy-twice": ([BUSY, BUSY, GOOD], None, 3),
    "/cut-once": ([CUT, GOOD], None, 2),
    "/soon": ([SOON, GOOD], None, 2),
    "/always-busy": ([BUSY], "upstream_status", 3),
    "/later": ([LATER], "upstream_status", 1),
    "/missing": ([MISSING], "upstream_status", 1),
}
# Whatever stalls the worker, an origin that is silent lets two tries run out.
SILENT = {"/silent": [SILENCE], "/busy-then-silent": [BUSY, SILENCE]}


class Moody:
    """Answers each path, without its query, by its moods, one request to a connection."""

    def __init__(self):
        self.asked = []

    async def serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            self.asked.append(path)
            place = path.partition("?")[0]
            says = SILENT[place] if place in SILENT else MOODS[place][0]
            said = says[min(self.asked.count(path), len(says)) - 1]
            writer.write(said)
            await writer.drain()
            if said == SILENCE:
                await reader.read()
        writer.close()


@pytest.fixture
async def moody():
    moody = Moody()
    server = await asyncio.start_server(moody.serve, "127.0.0.1", 0)
    moody.host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield moody
    server.close()


def retried(bench):
    """The jobs whose fetches the worker says it has tried again, once for each time."""
    lines = [json.loads(line) for line in bench.log.read_text().splitlines() if line[:1] == "{"]
    return Counter(line["job"] for line in lines if line["event"] == "a fetch is tried again")


async def test_what_may_pass_is_asked_for_again_and_what_lasts_is_answered(bench, moody):
    await bench.open()
    bench.start(fetch_allow=moody.host, fetch_timeout=30)
    ids = await bench.ask(*[f"http://{moody.host}{path}" for path in MOODS])
    found = await bench.answers(len(ids))
    await bench.until_empty()
    said = dict(zip(MOODS, (found[uid] for uid in ids), strict=True))
    codes = {path: answer.error and answer.error.code for path, answer in said.items()}
    assert codes == {path: code for path, (_, code, _) in MOODS.items()}
    assert Counter(moody.asked) == {path: times for path, (_, _, times) in MOODS.items()}
    assert len(await bench.recorded()) == len(MOODS)


async def test_an_origin_that_is_silent_is_tried_twice(bench, moody):
    await bench.open()
    bench.start(fetch_allow=moody.host, fetch_timeout=2)
    ids = await bench.ask(*[f"http://{moody.host}{path}" for path in SILENT])
    found = await bench.answers(len(ids))
    await bench.until_empty()
    assert {answer.error.code for answer in found.values()} == {"fetch_timeout"}
    assert retried(bench) == dict.fromkeys(ids, 1)
    # A try may run out before its request is written, where the machine stalls.
    assert all(1 <= moody.asked.count(path) <= 2 for path in SILENT)
    # Two requests, each given up after 2 s, are 4 s of fetching; the pause between them is none.
    assert found[ids[0]].timings.fetch_ms >= 3990  # uvloop's timers are true to a millisecond


async def test_a_pause_keeps_nobody_from_fetching(bench, moody):
    await bench.open()
    bench.start(fetch_allow=moody.host, fetchers=1)
    for turn in range(5):  # a machine that stalls through all of a pause shows nothing: again
        soon, good = f"/soon?{turn}", f"/good?{turn}"
        await bench.ask(f"http://{moody.host}{soon}")
        async with asyncio.timeout(PATIENCE):
            while soon not in moody.asked:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await bench.ask(f"http://{moody.host}{good}")
        assert all(answer.error is None for answer in (await bench.answers(2)).values())
        if moody.asked[-2:] == [good, soon]:
            return
    pytest.fail("the only place was kept through every pause")
