"""A worker's /metrics: what is counted is what is shown, at an address that Prometheus finds."""

import asyncio
import json
import os
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from wire.messages import Answer, ErrorBody
from worker.buckets import Buckets
from worker.figures import Figures
from worker.lanes import Lanes
from worker.parcel import Spent
from worker.shift import Shift
from worker.shown import Page, Shown
from worker.tally import Tally


@given(
    st.lists(st.floats(0, 1000), min_size=1, max_size=8, unique=True).map(sorted),
    st.lists(st.floats(0, 2000), max_size=50),
)
def test_buckets_count_what_is_not_above_them(bounds, values):
    buckets = Buckets(bounds)
    for value in values:
        buckets.observe(value)
    expected = [float(sum(value <= bound for value in values)) for bound in bounds]
    assert [count for _, count in buckets.cumulative()] == [*expected, float(len(values))]
    assert buckets.sum == pytest.approx(sum(values))


def test_figures_are_those_of_the_answers():
    tally, lanes = Tally(), Lanes()
    good = Answer(uuid="a", image_url="u", result="cat", model="net", model_version="2")
    bad = Answer(uuid="b", image_url="u", error=ErrorBody(code="invalid_image", message="m"))
    tally.count(good, Spent(0.1, 0.2, 0.03, 0.04))
    tally.count(good.model_copy(update={"cached": True}), Spent(0.1, 0.2))
    tally.count(bad, Spent(0.1, 0.2, 0.03))
    lanes.ran(2, 0.5, 1)
    lanes.ran(1, 0.25, 2)
    text = Figures("w-1", Shift(8), tally, lanes, lambda: 2).page().text.decode()
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    name = "classifycloud_worker"
    assert samples[f"{name}_pictures_total", ("code", "ok")] == 2
    assert samples[f"{name}_pictures_total", ("code", "invalid_image")] == 1
    assert samples[f"{name}_model_pictures_total", ("model", "net"), ("version", "2")] == 2
    assert samples[f"{name}_cache_hits_total",] == 1
    assert samples[f"{name}_stage_seconds_count", ("stage", "inference")] == 1
    assert samples[f"{name}_stage_seconds_bucket", ("le", "0.05"), ("stage", "decode")] == 2
    assert samples[f"{name}_stage_seconds_sum", ("stage", "fetch")] == pytest.approx(0.6)
    assert samples[f"{name}_engine_core_seconds_total",] == 1.0
    assert samples[f"{name}_batch_pictures_sum",] == 3
    assert samples[f"{name}_info", ("worker", "w-1")] == 1


@asynccontextmanager
async def shown(folder):
    page = Page("text/plain", b"some 1\n")
    running = asyncio.create_task(Shown("127.0.0.1:0", lambda: page, "w-1", folder).run())
    mine = folder / f"worker-{os.getpid()}.json"
    async with asyncio.timeout(5):
        while not mine.exists():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    ((target,),) = [each["targets"] for each in json.loads(mine.read_text())]
    host, _, port = target.rpartition(":")
    yield host, int(port)
    running.cancel()
    await asyncio.wait([running])
    assert not mine.exists()


async def asked(address, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


async def test_it_answers_where_it_says_and_nothing_else(tmp_path):
    async with shown(tmp_path) as address:
        page = await asked(address, b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
        assert page.startswith(b"HTTP/1.1 200 OK\r\n")
        assert page.endswith(b"\r\n\r\nsome 1\n")
        assert b" 404 " in await asked(address, b"GET / HTTP/1.1\r\n\r\n")
        assert b" 405 " in await asked(address, b"POST /metrics HTTP/1.1\r\n\r\n")
        assert b" 405 " in await asked(address, b"\r\n\r\n")
        assert await asked(address, b"x" * 20_000) == b""
        head = await asked(address, b"HEAD /metrics HTTP/1.0\r\n\r\n")
        assert head.endswith(b"\r\n\r\n")


async def test_whoever_holds_connections_open_keeps_none_but_his(tmp_path):
    async with shown(tmp_path) as address:
        idle = [await asyncio.open_connection(*address) for _ in range(20)]
        ended = [reader.read() for reader, _ in idle[8:]]
        assert await asyncio.gather(*ended) == [b""] * 12, "beyond the eighth all are sent away"
        for _, writer in idle:
            writer.close()
        async with asyncio.timeout(5):
            while not await asked(address, b"GET /metrics HTTP/1.1\r\n\r\n"):  # noqa: ASYNC110
                await asyncio.sleep(0.005)


async def test_words_of_killed_workers_are_cleared_away(tmp_path):
    (tmp_path / "worker-99999999.json").write_text("[]")
    (tmp_path / "parts.json").write_text("[]")
    async with shown(tmp_path):
        assert not (tmp_path / "worker-99999999.json").exists()
        assert (tmp_path / "parts.json").exists()


async def test_a_worker_works_though_its_port_is_taken(tmp_path):
    async with shown(tmp_path) as (host, port):
        await Shown(f"{host}:{port}", lambda: Page("", b""), "w-2", None).run()
