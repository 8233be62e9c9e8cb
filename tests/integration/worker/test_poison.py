"""Pictures that kill workers, and pictures whose workers are killed by something else: real processes."""

import asyncio
import json
import signal

import pytest
from PIL import Image

from tests.integration.workbench import PATIENCE, counts
from tests.integration.worker.test_dlq_command import dlq
from tests.servers import ROOT
from wire.messages import Answer
from wire.names import result_key, suspect_key

pytestmark = pytest.mark.timeout(600)
# Seconds. A worker that stalls for longer loses its messages alive, and what it is tested for is how
# often they come back because it died.
STALL = 10
DEADLY = str(ROOT / "tests" / "deadly")


async def replace(bench, died: list[int]) -> None:
    """Start another worker whenever one dies, as the balancer does."""
    while True:
        status = await asyncio.to_thread(bench.workers[-1].wait, PATIENCE)
        died.append(status)
        bench.start()


async def test_nine_mates_of_a_killer_are_answered_and_it_is_set_aside_once(
    bench, folder, monkeypatch
):
    Image.new("RGB", (64, 64), "blue").save(folder / "pages" / "blue.png")
    await bench.open(visibility=STALL)
    monkeypatch.setenv("PYTHONPATH", DEADLY)
    killer, *mates = await bench.ask("blue.png", *["coffee.jpg"] * 9)
    bench.start(batch=16)
    died: list[int] = []
    replacing = asyncio.create_task(replace(bench, died))
    try:
        found = await bench.answers(10)
        await bench.until_empty()
    finally:
        replacing.cancel()
    assert found.pop(killer).error.code == "worker_crashed"
    assert {uid: answer.result for uid, answer in found.items()} == dict.fromkeys(mates, "red")
    assert died == [-signal.SIGSEGV] * 2  # the third died of it in the dock
    assert (await bench.recorded())[killer]["error"]["code"] == "worker_crashed"
    assert counts(await bench.shared.dead_letter.depth()) == (1, 0, 0)
    assert await bench.store.keys("state/") == []

    rows = json.loads(dlq(bench, "list", "--json"))["messages"]
    assert [(row["id"], row["kind"]) for row in rows] == [(killer, "poison job")]
    assert "worker_crashed" in dlq(bench, "show", killer)
    bench.workers[-1].kill()
    bench.workers[-1].wait()
    monkeypatch.delenv("PYTHONPATH")
    bench.start()
    dlq(bench, "redrive", killer)
    async with asyncio.timeout(PATIENCE):
        while (kept := await bench.store.get(result_key(killer))) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert Answer.decode(kept).result == "blue"
    await bench.until_empty()
    assert counts(await bench.shared.dead_letter.depth()) == (0, 0, 0)


async def test_one_that_comes_back_and_kills_again_is_set_aside_again(bench, folder, monkeypatch):
    Image.new("RGB", (64, 64), "blue").save(folder / "pages" / "blue.png")
    await bench.open(visibility=5)
    monkeypatch.setenv("PYTHONPATH", DEADLY)
    (killer,) = await bench.ask("blue.png", persist="each")
    bench.start()
    replacing = asyncio.create_task(replace(bench, []))
    try:
        for _ in range(2):
            assert (await bench.answers(1))[killer].error.code == "worker_crashed"
            await bench.until_empty()
            assert counts(await bench.shared.dead_letter.depth()) == (1, 0, 0)
            dlq(bench, "redrive", "--all")
    finally:
        replacing.cancel()


async def test_a_picture_whose_workers_are_killed_by_something_else_is_answered(bench):
    await bench.open(visibility=STALL)
    bench.origin.delay = 1
    first = bench.start()
    uid, *mates = await bench.ask("large.png", *["coffee.jpg"] * 5)
    await bench.reported("busy")
    first.kill()
    bench.origin.delay = 0
    second = bench.start()
    async with asyncio.timeout(PATIENCE):
        while await bench.store.get(suspect_key(uid)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    second.kill()
    bench.start()
    found = await bench.answers(6)
    await bench.until_empty()
    assert {uuid: answer.result for uuid, answer in found.items()} == dict.fromkeys(
        [uid, *mates], "red"
    )
    assert counts(await bench.shared.dead_letter.depth()) == (0, 0, 0)
    assert await bench.store.keys("state/") == []
