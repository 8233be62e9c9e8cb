"""A worker that has said its last word ends, whatever still hangs."""

import asyncio
import threading
import time
from contextlib import AsyncExitStack
from types import SimpleNamespace

import pytest

from tests.unit.worker.workshop import NAMES
from wire.memory import MemoryQueues, MemoryStore
from wire.settings import WorkerSettings
from wire.topology import open_shared
from worker import assembly, farewell
from worker.capacity import capacity
from worker.farewell import Unawaited, leave, within
from worker.imds import Imds
from worker.reporter import Reporter
from worker.shift import Shift
from worker.tally import Tally

KINDS = {**vars(assembly), "Imds": Imds}


@pytest.fixture
def hung(monkeypatch):
    """A thread that does not end by itself; those of other tests' making are not looked at."""
    all_threads, before = farewell._threads, set(threading.enumerate())
    monkeypatch.setattr(
        farewell, "_threads", lambda: [each for each in all_threads() if each not in before]
    )
    hold = threading.Event()
    thread = threading.Thread(target=hold.wait, args=(30,), name="dns_0")
    thread.start()
    yield hold
    hold.set()
    thread.join()


def test_a_thread_that_hangs_is_left_behind(hung):
    ended = []
    assert leave(2, grace=0.1, end=ended.append) == 2
    assert ended == [2]


def test_a_thread_that_is_about_to_end_is_waited_for(hung):
    ended = []
    threading.Timer(0.1, hung.set).start()
    assert leave(0, grace=10, end=ended.append) == 0
    assert ended == []


def test_asyncio_does_not_wait_for_a_thread_that_hangs():
    hold = threading.Event()

    async def live():
        asyncio.get_running_loop().set_default_executor(Unawaited())
        waiting = asyncio.create_task(asyncio.to_thread(hold.wait, 30))
        await asyncio.sleep(0.05)
        waiting.cancel()

    start = time.monotonic()
    asyncio.run(live())
    hold.set()
    assert time.monotonic() - start < 10


async def test_what_does_not_close_is_not_waited_for():
    async def never():
        await asyncio.Event().wait()

    async with asyncio.timeout(5):
        await within(never, 0.05)


async def test_what_fails_to_close_keeps_nothing_else_from_it():
    async def fails():
        raise RuntimeError("the connection is gone")

    await within(fails)


async def test_whatever_has_threads_sockets_or_processes_is_closed_at_the_end(monkeypatch):
    closed = []
    settings = WorkerSettings(deployment="test", bucket="test-bucket", imds="http://127.0.0.1:1")
    _note(monkeypatch, closed, "SystemResolver", "Decoders", "Batcher")
    _note_awaited(monkeypatch, closed, "Fetcher", "Aws", "SqsQueues", "Imds")
    shared, store = await open_shared(queues := MemoryQueues(), NAMES), MemoryStore()
    shift, tally = Shift(40), Tally()
    reporter = Reporter(shared.reports, "w1", shift, tally, 30)
    models, size = SimpleNamespace(run=lambda: asyncio.sleep(0)), capacity(2, settings)
    first = SimpleNamespace(lanes=2, portion=4)
    nursery = SimpleNamespace()  # it would be a process
    async with AsyncExitStack() as ending:
        host = assembly.host_of(settings, ending)
        assembly.reach(settings, ending)
        decoders = assembly.decoders_of(settings, size.decoders, nursery, ending)
        means = assembly.Means(
            settings, size, host, queues, shared, store, shift, tally, decoders, ending
        )
        fetcher = assembly.fetcher_of(means)
        life = assembly.assemble(means, fetcher, models, first, reporter)
        for each in life._background:
            each.close()
        assert closed == []
    assert sorted(closed[:3]) == ["Batcher", "Fetcher", "SystemResolver"]
    assert closed[3:] == ["Decoders", "SqsQueues", "Aws", "Aws", "Imds"]


async def test_the_store_has_threads_of_its_own():
    settings = WorkerSettings(deployment="test", bucket="test-bucket")
    async with AsyncExitStack() as ending:
        queues, store = assembly.reach(settings, ending)
        assert queues._aws is not store._aws


def _note(monkeypatch, closed, *names):
    for name in names:
        monkeypatch.setattr(KINDS[name], "close", lambda _, name=name: closed.append(name))


def _note_awaited(monkeypatch, closed, *names):
    for name in names:

        async def close(_, name=name):
            closed.append(name)

        monkeypatch.setattr(KINDS[name], "close", close)
