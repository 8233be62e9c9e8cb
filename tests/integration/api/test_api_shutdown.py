"""Real signals: every client that waits gets a word, and what is left behind is as agreed."""

import asyncio
import signal
import time

import httpx
import pytest

from wire.messages import Report
from wire.names import QueueNames

NAMES = QueueNames("classifycloud")


async def test_a_term_signal_leaves_no_client_without_a_word(
    start, worker, http, account, classify, eventually
):
    queues, _ = account
    going, other = await asyncio.gather(start(drain_grace=6).ready(), start().ready())
    worker.silent = True
    asking = [classify(going, i) for i in range(20)]
    await eventually(lambda: len(worker.jobs) == 20)
    going.signal(signal.SIGTERM)
    await eventually(lambda: going.events("shutting down"))
    assert (await http.get(f"{going.url}/readyz")).status_code == 503
    assert (await classify(going)).json()["error"]["code"] == "shutting_down"
    for job in worker.jobs[:8]:
        await worker.answer(job)
    answers = await asyncio.gather(*asking)

    ids = [job.uuid for job in worker.jobs]
    served = {a.json()["uuid"] for a in answers if a.status_code == 200}
    home = {a.json()["error"]["job"] for a in answers if a.status_code == 503}
    assert served | home == set(ids)
    assert home >= set(ids[8:])
    assert served, "none of the answers came within the grace"
    assert await going.exit_code() == 0
    assert going.queue in await queues.names(NAMES.responses_prefix)
    for uuid in home:
        found = (await http.get(f"{other.url}/jobs/{uuid}")).json()
        assert found["uuid"] == uuid
        assert found["status"] == "queued" or uuid in ids[:8]


async def test_an_idle_replica_goes_at_once_and_takes_its_queue_along(start, http, account):
    queues, _ = account
    api = await start().ready()
    replica = api.events("queues open")[0]["replica"]
    kept_alive = await http.get(f"{api.url}/healthz")
    assert kept_alive.status_code == 200
    await asyncio.sleep(0.3)
    began = time.monotonic()
    api.signal(signal.SIGINT)
    assert await api.exit_code() == 0
    assert time.monotonic() - began < 15, "an open long poll of 20 s was waited for"
    assert api.queue not in await queues.names(NAMES.responses_prefix)
    reports = await queues.open(NAMES.reports)
    states = []
    while deliveries := await reports.receive(10, 1):
        found = [Report.decode(delivery.body) for delivery in deliveries]
        states += [report.state for report in found if report.sender == replica]
        await asyncio.gather(*(reports.delete(delivery.receipt) for delivery in deliveries))
    assert sorted(states) == ["draining", "ready", "started", "stopped"]


async def test_a_kill_leaves_the_queue_for_the_balancer(
    start, worker, account, classify, eventually
):
    queues, _ = account
    api = await start().ready()
    worker.silent = True
    asking = classify(api)
    await eventually(lambda: worker.jobs)
    api.signal(signal.SIGKILL)
    with pytest.raises(httpx.TransportError):
        await asking
    assert await api.exit_code() == -signal.SIGKILL
    assert api.queue in await queues.names(NAMES.responses_prefix)


async def test_the_same_signal_twice_ends_it_at_once(start, worker, classify, eventually):
    api = await start(drain_grace=60).ready()
    worker.silent = True
    asking = classify(api)
    await eventually(lambda: worker.jobs)
    api.signal(signal.SIGINT)
    await eventually(lambda: api.events("shutting down"))
    api.signal(signal.SIGTERM)
    await asyncio.sleep(0.2)
    assert api.process.poll() is None, "SIGTERM after Ctrl-C is not yet impatience"
    api.signal(signal.SIGTERM)
    assert await api.exit_code() == 128 + signal.SIGTERM
    with pytest.raises(httpx.TransportError):
        await asking
