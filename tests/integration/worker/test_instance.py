"""A worker on EC2, by what its metadata service says."""

import asyncio
import signal

import pytest

from tests.integration.workbench import PATIENCE, counts
from tests.metadata import Metadata
from tests.servers import free_port
from worker.ec2 import TAG

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def metadata():
    service = Metadata()
    yield service
    service.close()


async def test_on_standby_a_worker_boots_whole_and_touches_no_queue_until_it_is_activated(
    bench, metadata
):
    await bench.open()
    metadata.entries[TAG] = "no"
    (uid,) = await bench.ask("coffee.jpg")
    worker = bench.start(imds=metadata.url, heartbeat=1)
    ready = await bench.reported("ready")
    assert ready.standby
    assert ready.sender == "i-0123456789abcdef0"
    assert ready.boot_seconds > 0
    await asyncio.sleep(2.5)
    assert counts(await bench.shared.requests.depth()) == (1, 0, 0)
    metadata.entries[TAG] = "yes"
    assert (await bench.answers(1))[uid].result == "red"
    active = await bench.heard(lambda each: each.state in {"idle", "busy"})
    assert not active.standby
    assert all(each.standby for each in bench.states if each.state == "ready")
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, PATIENCE) == 0


async def test_an_instance_that_is_stopped_on_standby_ends_in_order(bench, metadata):
    await bench.open()
    metadata.entries[TAG] = "no"
    worker = bench.start(imds=metadata.url)
    assert (await bench.reported("ready")).standby
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, PATIENCE) == 0
    assert (await bench.reported("stopped")).standby


async def test_an_instance_without_the_tag_works_and_fetches_no_secret_of_it(bench, metadata):
    await bench.open()
    secret = f"{metadata.url}/latest/meta-data/iam/security-credentials/role"
    uid, thief = await bench.ask("coffee.jpg", secret)
    bench.start(imds=metadata.url)
    found = await bench.answers(2)
    assert found[uid].result == "red"
    assert found[thief].error.code == "blocked_address"
    assert not (await bench.reported("ready")).standby


async def test_a_metadata_service_that_is_away_keeps_nobody_from_work_for_good(bench):
    await bench.open()
    (uid,) = await bench.ask("coffee.jpg")
    bench.start(imds=f"http://127.0.0.1:{free_port()}")
    ready = await bench.reported("ready")
    assert ready.sender.startswith("worker-")
    assert ready.standby
    assert counts(await bench.shared.requests.depth()) == (1, 0, 0)
    assert (await bench.answers(1))[uid].result == "red"
    assert bench.log.read_text().count("notices of EC2 cannot be read") == 1


async def test_while_a_metadata_service_hangs_no_queue_is_touched(bench, metadata):
    await bench.open()
    (uid,) = await bench.ask("coffee.jpg")
    metadata.delay = 60
    bench.start(imds=metadata.url, worker_id="w1")
    assert (await bench.reported("ready")).standby
    assert counts(await bench.shared.requests.depth()) == (1, 0, 0)
    metadata.delay = 0.0
    metadata.entries[TAG] = "yes"
    assert (await bench.answers(1))[uid].result == "red"
