"""The metadata service, asked as documented; what it says sends a worker home or lets it in."""

import asyncio
import contextlib
import json
import socket
import time
from pathlib import Path

import pytest

from tests.metadata import Metadata
from wire import errors
from wire.outside.guard import SystemResolver
from worker import ec2
from worker.ec2 import TAG, Instance
from worker.fetch import Fetcher
from worker.host import Process
from worker.imds import Imds, ImdsAway
from worker.notices import INTERRUPTION, REBALANCE, Notices
from worker.shift import Shift


@pytest.fixture
def metadata():
    service = Metadata()
    yield service
    service.close()


@pytest.fixture
async def imds(metadata):
    client = Imds(metadata.url, seconds=1.0)
    yield client
    await client.close()


@contextlib.asynccontextmanager
async def running(coroutine):
    task = asyncio.create_task(coroutine)
    try:
        yield task
    finally:
        task.cancel()


async def test_a_token_is_asked_for_once(metadata, imds):
    for _ in range(3):
        assert await imds.get("instance-id") == "i-0123456789abcdef0"
    assert len(metadata.tokens) == 1


async def test_what_is_not_there_is_none(imds):
    assert await imds.get(INTERRUPTION) is None


async def test_an_expired_token_is_replaced(metadata, imds):
    await imds.get("instance-id")
    metadata.expire()
    assert await imds.get("instance-id") == "i-0123456789abcdef0"
    assert len(metadata.tokens) == 2


async def test_a_service_that_fails_or_hangs_is_away(metadata, imds):
    metadata.broken = True
    with pytest.raises(ImdsAway, match="500"):
        await imds.get("instance-id")
    metadata.broken, metadata.delay = False, 3.0
    start = time.monotonic()
    with pytest.raises(ImdsAway, match=r"1\.0 s"):
        await imds.get("instance-id")
    assert time.monotonic() - start < 2
    metadata.delay = 0.0
    assert await imds.get("instance-id") is not None


async def test_nobody_listening_is_away():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    imds = Imds(f"http://127.0.0.1:{port}")
    with pytest.raises(ImdsAway):
        await imds.get("instance-id")
    await imds.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"220 smtp ready\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\xff\xfe\xfd\xfc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbad\r\nt\x00k",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncut",
    ],
)
async def test_whatever_else_listens_there_is_away(answer):
    async def speak(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    imds = Imds(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(ImdsAway):
        await imds.get("instance-id")
    await imds.close()
    server.close()


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        (
            INTERRUPTION,
            json.dumps({"action": "terminate", "time": "2026-09-18T08:22:00Z"}),
            "spot notice: terminate 2026-09-18T08:22:00Z",
        ),
        (
            INTERRUPTION,
            json.dumps({"action": "hibernate", "time": "2026-09-18T08:22:00Z"}),
            "spot notice: hibernate 2026-09-18T08:22:00Z",
        ),
        (INTERRUPTION, "[]", "spot notice: []"),
        (INTERRUPTION, "soon", "spot notice: soon"),
        (
            REBALANCE,
            json.dumps({"noticeTime": "2026-10-27T08:22:00Z"}),
            "rebalance recommendation: 2026-10-27T08:22:00Z",
        ),
    ],
)
async def test_a_notice_drains_the_shift(metadata, imds, path, text, reason):
    shift = Shift(40)
    async with running(Notices(imds, shift, every=0.02).run()) as task:
        await asyncio.sleep(0.1)
        assert shift.draining is None
        metadata.entries[path] = text
        await asyncio.wait_for(task, 2)
    assert shift.draining == reason


async def test_a_service_that_is_away_is_named_once_and_asked_on(metadata, imds, caplog, capsys):
    shift = Shift(40)
    metadata.broken = True
    async with running(Notices(imds, shift, every=0.02).run()) as task:
        await asyncio.sleep(0.3)
        metadata.broken = False
        metadata.entries[REBALANCE] = "{}"
        await asyncio.wait_for(task, 2)
    said = caplog.text + "".join(capsys.readouterr())
    assert said.count("cannot be read") == 1
    assert shift.draining == "rebalance recommendation: {}"


@pytest.mark.parametrize(("tag", "standby"), [("no", True), ("yes", False), (None, False)])
async def test_the_tag_decides_whether_a_worker_stands_by(metadata, imds, tag, standby):
    if tag is not None:
        metadata.entries[TAG] = tag
    shift = Shift(40)
    await Instance(imds).settle(shift)
    assert shift.standby is standby
    assert (shift.room == 0) is standby


async def test_standby_ends_when_the_tag_says_so_and_not_because_nobody_can_read_it(metadata, imds):
    metadata.entries[TAG] = "no"
    shift, host = Shift(40), Instance(imds, every=0.02)
    await host.settle(shift)
    async with running(host._stand_by(shift)) as task:
        metadata.broken = True
        await asyncio.sleep(0.2)
        assert shift.standby
        metadata.broken = False
        await asyncio.sleep(0.1)
        assert shift.standby
        metadata.entries[TAG] = "yes"
        await asyncio.wait_for(task, 2)
    assert not shift.standby
    assert shift.room == 10


@pytest.mark.parametrize("tag", [None, "", "no", "maybe"])
async def test_after_a_no_nothing_but_a_yes_ends_standby(metadata, imds, tag):
    metadata.entries[TAG] = "no"
    shift, host = Shift(40), Instance(imds, every=0.02, untold=0.0)
    await host.settle(shift)
    async with running(host._stand_by(shift)) as task:
        if tag is None:
            del metadata.entries[TAG]
        else:
            metadata.entries[TAG] = tag
        await asyncio.sleep(0.2)
        assert shift.standby
        metadata.entries[TAG] = "yes"
        await asyncio.wait_for(task, 2)
    assert not shift.standby


@pytest.mark.parametrize("tag", ["yes", None])
async def test_until_somebody_says_something_nothing_is_received(metadata, imds, tag, monkeypatch):
    monkeypatch.setattr(ec2, "PAUSE", 0.01)
    metadata.broken = True
    shift, host = Shift(40), Instance(imds, every=0.02)
    await host.settle(shift)
    async with running(host._stand_by(shift)) as task:
        await asyncio.sleep(0.2)
        assert shift.room == 0
        if tag is not None:
            metadata.entries[TAG] = tag
        metadata.broken = False
        await asyncio.wait_for(task, 2)
    assert shift.room == 10


async def test_one_that_hears_no_late_stands_by(metadata, imds, monkeypatch):
    monkeypatch.setattr(ec2, "PAUSE", 0.01)
    metadata.broken = True
    shift, host = Shift(40), Instance(imds, every=0.02, untold=0.2)
    await host.settle(shift)
    async with running(host._stand_by(shift)):
        metadata.entries[TAG] = "no"
        metadata.broken = False
        await asyncio.sleep(0.1)
        metadata.broken = True
        await asyncio.sleep(0.3)
        assert shift.room == 0


async def test_an_instance_is_called_by_its_id(metadata, imds):
    assert await Instance(imds).name() == "i-0123456789abcdef0"


async def test_a_service_that_stays_away_keeps_nobody_from_work_for_good(
    metadata, imds, monkeypatch
):
    monkeypatch.setattr(ec2, "PAUSE", 0.01)
    metadata.broken = True
    shift, host = Shift(40), Instance(imds, every=0.02, untold=0.3)
    await host.settle(shift)
    async with running(host._stand_by(shift)) as task:
        await asyncio.sleep(0.1)
        assert shift.standby
        await asyncio.wait_for(task, 2)
    assert not shift.standby
    assert (await host.name()).startswith("worker-")


async def test_one_failure_at_the_start_opens_no_gate(metadata, imds, monkeypatch):
    monkeypatch.setattr(ec2, "PAUSE", 0.2)
    metadata.entries[TAG] = "no"
    metadata.broken = True
    shift = Shift(40)
    async with running(Instance(imds).settle(shift)) as task:
        await asyncio.sleep(0.1)
        metadata.broken = False
        await asyncio.wait_for(task, 2)
    assert shift.standby


async def test_an_instance_is_as_old_as_its_machine(imds):
    young = Instance(imds, uptime=lambda: 45.0)
    assert young.age() == 45.0
    assert young.boot_seconds() == 45.0
    # The same machine hours later: its worker was started anew.
    old = Instance(imds, uptime=lambda: 90_000.0)
    assert old.age() == 90_000.0
    assert old.boot_seconds() == pytest.approx(Process().boot_seconds(), abs=1)


def test_the_uptime_is_the_machines_own():
    seconds = float(Path("/proc/uptime").read_text().split()[0])
    assert ec2._uptime() == pytest.approx(seconds, abs=2)


async def test_no_picture_is_fetched_from_the_metadata_service():
    resolver = SystemResolver(1)
    fetcher = Fetcher(resolver)
    for url in (
        "http://169.254.169.254/latest/meta-data/instance-id",
        "http://[fd00:ec2::254]/latest/meta-data/instance-id",
    ):
        with pytest.raises(errors.BlockedAddress):
            await fetcher.fetch(url)
    await fetcher.close()
    resolver.close()
