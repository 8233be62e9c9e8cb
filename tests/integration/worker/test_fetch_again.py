"""A real worker and an origin that has its moods: how often each picture is asked for, and the answer."""

import asyncio
import contextlib
from collections import Counter

import pytest

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
    "/silent": ([SILENCE], "fetch_timeout", 2),
    "/busy-then-silent": ([BUSY, SILENCE], "fetch_timeout", 2),
}


class Moody:
    """Answers each path by its moods, one request to a connection."""

    def __init__(self):
        self.asked = Counter()

    async def serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            self.asked[path] += 1
            says = MOODS[path][0]
            writer.write(says[min(self.asked[path], len(says)) - 1])
            await writer.drain()
            if says[min(self.asked[path], len(says)) - 1] == SILENCE:
                await reader.read()
        writer.close()


async def test_what_may_pass_is_asked_for_again_and_what_lasts_is_answered(bench):
    moody = Moody()
    server = await asyncio.start_server(moody.serve, "127.0.0.1", 0)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await bench.open()
    bench.start(fetch_allow=host, fetch_timeout=2)
    ids = await bench.ask(*[f"http://{host}{path}" for path in MOODS])
    found = await bench.answers(len(ids))
    await bench.until_empty()
    server.close()
    said = dict(zip(MOODS, (found[uid] for uid in ids), strict=True))
    codes = {path: answer.error and answer.error.code for path, answer in said.items()}
    assert codes == {path: code for path, (_, code, _) in MOODS.items()}
    assert moody.asked == {path: times for path, (_, _, times) in MOODS.items()}
    assert len(await bench.recorded()) == len(MOODS)
    # Two requests, each given up after 2 s, are 4 s of fetching; the pause between them is none.
    assert said["/silent"].timings.fetch_ms >= 4000
    assert "a fetch is tried again" in bench.log.read_text()


async def test_a_pause_keeps_nobody_from_fetching(bench):
    moody = Moody()
    server = await asyncio.start_server(moody.serve, "127.0.0.1", 0)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await bench.open()
    bench.start(fetch_allow=host, fetchers=1)
    (paused,) = await bench.ask(f"http://{host}/soon")
    while not moody.asked["/soon"]:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    (other,) = await bench.ask(f"http://{host}/good")
    assert list(await bench.answers(2)) == [other, paused]
    server.close()
