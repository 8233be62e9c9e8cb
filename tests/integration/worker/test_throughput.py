"""The throughput that a worker reports is what an onlooker counts, and there is none at a low load."""

import asyncio

import pytest

from tests.integration.workbench import PATIENCE
from wire.messages import Answer

pytestmark = pytest.mark.timeout(600)


async def seen(bench, count):
    """When each of so many answers was sent, in seconds, in order."""
    times: list[float] = []
    async with asyncio.timeout(PATIENCE):
        while len(times) < count:
            for received in await bench.replies.receive(10, 1):
                assert Answer.decode(received.body).error is None
                times.append(
                    received.sent_at
                )  # the queue's word: an onlooker that lags is no slow worker
                await bench.replies.delete(received.receipt)
    return sorted(times)


@pytest.mark.parametrize(
    ("pictures", "delay", "settings"),
    [
        (200, 0.05, {"fetchers": 4}),  # its origin sets the pace
        (800, 0.0, {"decoders": 1}),  # its own work does
        (40, 0.25, {"fetchers": 1, "prefetch": 1}),  # it holds no more than it works at
    ],
)
async def test_it_is_what_an_onlooker_counts(bench, pictures, delay, settings):
    await bench.open()
    bench.origin.delay = delay
    for _ in range(3):  # what else runs on the machine may hold up worker and onlooker unequally
        counted, reported = await compared(bench, pictures, settings)
        print(f"counted {counted:.1f}/s, reported {reported}/s")
        if reported == pytest.approx(counted, rel=0.15):
            return
    pytest.fail("three times it was not")


async def compared(bench, pictures, settings):
    """Pictures a second of a fresh worker: what an onlooker counts, and what it reports."""
    await bench.ask(*["coffee.jpg"] * pictures)
    worker = bench.start(**settings)
    times = await seen(bench, pictures)
    # The worker measures all of its full load: a part of that is another figure where the machine's
    # speed changes meanwhile. Only the very first and last answers are not at full load.
    margin = pictures // 20
    counted = (pictures - 2 * margin) / (times[-margin] - times[margin])
    report = await bench.heard(lambda each: each.state == "idle" and each.served == pictures)
    worker.terminate()
    await bench.reported("stopped")
    bench.states.clear()
    return counted, report.throughput


async def test_there_is_none_at_a_low_load(bench):
    await bench.open()
    worker = bench.start(heartbeat=1)
    await bench.reported("ready")
    for burst in (1, 10, 25, 3, 10, 1, 30, 10, 10, 1, 1, 1, 20):
        await bench.ask(*["coffee.jpg"] * burst)
        await asyncio.sleep(0.5)
    report = await bench.heard(lambda each: each.state == "idle" and each.served == 123)
    assert report.throughput is None
    worker.terminate()
    assert (await bench.reported("stopped")).throughput is None
