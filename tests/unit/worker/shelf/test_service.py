"""Versions come and go under jobs that want an answer."""

import asyncio
import threading

import pytest

from classifier.errors import BundleBroken
from wire.errors import InvalidImage, ModelNotFound, QueueUnavailable, WorkerCrashed
from wire.index import KEY, Index, chosen, promoted, published, tried
from wire.index_store import IndexCopy, changed
from wire.lineup import Lineup
from wire.memory import MemoryStore
from wire.messages import Job
from worker.models import Models
from worker.shelf import service
from worker.shelf.canaries import Canaries
from worker.shelf.counts import CanaryCounts
from worker.shelf.service import InService

FOLDER = {"net": ("1",)}


class Named:
    def __init__(self, name, version):
        self.name, self.version = name, version


class Shop:
    """One worker's models, on a store in memory."""

    def __init__(self, store=None):
        self.store = store or MemoryStore()
        self.loads, self.faults = [], {}
        self.gate = threading.Event()
        self.gate.set()
        self.models = Models(self._load, most=9)
        self.models.hold(Named("net", "1"))
        self.copy, counts = IndexCopy(self.store), CanaryCounts()
        canaries = Canaries(self.store, "w1", counts, now=lambda: 5.0)
        folder = dict(FOLDER)
        lineup = Lineup(folder, "net")
        self.service = InService(
            self.models, self.copy, lineup, canaries, counts, lambda: folder, every=0.01
        )

    def _load(self, name, version):
        assert self.gate.wait(10)
        self.loads.append((name, version))
        if (name, version) in self.faults:
            raise self.faults[name, version]
        return Named(name, version)

    async def open(self):
        await self.service.open(1.0)
        self.task = asyncio.create_task(self.service.run())
        return self

    async def change(self, *changes):
        for change in changes:
            await changed(self.store, change)

    async def who(self, name=None, version=None, job=""):
        found = await self.service.find(name, version, job)
        return f"{found.name} {found.version}"

    async def until(self, check):
        async with asyncio.timeout(5):
            while not await check():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def serves(self, wanted):
        async def check():
            return await self.who() == wanted

        await self.until(check)

    async def index(self):
        return Index.read(await self.store.get(KEY))

    def job(self, **fields):
        return Job(uuid="j", image_url="http://h/", reply_to="r", **fields)


@pytest.fixture
async def shop(monkeypatch):
    monkeypatch.setattr(service, "LOOK", 0.01)
    made = await Shop().open()
    yield made
    made.gate.set()
    made.task.cancel()


def publish(version, name="net"):
    return lambda index: published(index, name, version, version * 64)


def promote(version, name="net"):
    return lambda index: promoted(index, name, version, before="1")


def trial(version, share=0.5):
    return lambda index: tried(index, "net", version, share, 1.0)


async def test_a_new_version_takes_over_only_when_it_is_warm(shop):
    shop.gate.clear()
    await shop.change(publish("2"), promote("2"))
    await asyncio.sleep(0.1)
    assert await shop.who() == "net 1"
    assert await shop.who("net") == "net 1"
    shop.gate.set()
    await shop.serves("net 2")
    assert shop.loads == [("net", "2")]
    assert await shop.who("net", "1") == "net 1"


async def test_a_model_published_a_moment_ago_is_found(shop):
    shop.task.cancel()  # nobody has read the index since
    shop.copy._asked = -10.0
    await shop.change(publish("1", "new"))
    assert await shop.who("new", "1") == "new 1"


async def test_a_new_default_model_takes_over_when_it_is_warm(shop):
    shop.gate.clear()
    await shop.change(publish("1", "new"), lambda index: chosen(index, "new"))
    await asyncio.sleep(0.1)
    assert await shop.who() == "net 1"
    shop.gate.set()
    await shop.serves("new 1")


async def test_a_version_that_cannot_be_loaded_never_takes_over(shop):
    shop.faults["net", "2"] = BundleBroken("model.bin differs")
    await shop.change(publish("2"), promote("2"))

    async def back():
        return (await shop.index()).line("net").default == "1"

    await shop.until(back)
    assert await shop.who() == "net 1"
    (gone,) = (await shop.index()).line("net").withdrawn
    assert (gone.version, gone.by, gone.at) == ("2", "w1", 5.0)
    assert gone.reason == "it cannot be loaded: model.bin differs"


async def test_an_outage_is_no_fault_of_a_version(shop, monkeypatch):
    monkeypatch.setattr("worker.models.OUTAGE", 0.02)
    shop.faults["net", "2"] = QueueUnavailable()
    await shop.change(publish("2"), promote("2"))
    await asyncio.sleep(0.1)
    assert await shop.who() == "net 1"
    assert (await shop.index()).line("net").withdrawn == ()
    shop.faults.clear()
    await shop.serves("net 2")


async def test_the_first_job_of_a_broken_canary_gets_its_answer(shop):
    shop.task.cancel()
    shop.faults["net", "2"] = BundleBroken("model.bin differs")
    await shop.change(publish("2"), trial("2"))
    await shop.copy.read()
    shop.service._take(shop.service._latest())
    assert {await shop.who(job=f"j{at}") for at in range(50)} == {"net 1"}
    assert shop.loads == [("net", "2")]


async def test_a_canary_that_fails_is_stood_in_for_and_taken_back(shop):
    await shop.change(publish("2"), trial("2"))
    jobs = [f"j{at}" for at in range(400)]
    canary = await on_trial(shop, jobs)
    usual = Named("net", "1")
    for _ in range(40):
        shop.service.answered(usual, shop.job(), 0.01, 1)
    for _ in range(20):
        other = await shop.service.failed(canary, shop.job(), RuntimeError("the engine broke"))
        assert other.version == "1"

    async def back():
        return (await shop.index()).line("net").canary is None

    await shop.until(back)
    assert {await shop.who(job=job) for job in jobs} == {"net 1"}
    (gone,) = (await shop.index()).line("net").withdrawn
    assert gone.reason == "it fails more: 20 of 20; the version in service 0 of 40"


async def test_a_canary_that_kills_is_not_waited_for(shop):
    await shop.change(publish("2"), trial("2"))
    canary = await on_trial(shop, [f"j{at}" for at in range(50)])
    assert (await shop.service.failed(canary, shop.job(), WorkerCrashed())).version == "1"
    shop.service.outdone(canary, WorkerCrashed())
    assert {await shop.who(job=f"j{at}") for at in range(50)} == {"net 1"}


async def test_what_is_taken_back_while_it_looks_at_a_picture_is_stood_in_for(shop):
    await shop.change(publish("2"), trial("2"))
    jobs = [f"j{at}" for at in range(50)]
    canary = await on_trial(shop, jobs)
    shop.service.outdone(canary, WorkerCrashed())
    for cause in (RuntimeError("the engine broke"), WorkerCrashed()):
        assert (await shop.service.failed(canary, shop.job(), cause)).version == "1"
        shop.service.outdone(canary, cause)

    async def back():
        return (await shop.index()).line("net").canary is None

    await shop.until(back)
    assert (await shop.service.failed(canary, shop.job(), RuntimeError())).version == "1"
    shop.service.outdone(canary, WorkerCrashed())
    await asyncio.sleep(0.05)
    assert len((await shop.index()).line("net").withdrawn) == 1


async def test_a_canary_of_a_model_that_nobody_asked_for_before_is_stood_in_for(shop):
    shop.task.cancel()
    await shop.change(publish("1", "other"), publish("2", "other"))
    await shop.change(lambda index: tried(index, "other", "2", 0.5, 1.0))
    await shop.copy.read()
    found = [await shop.service.find("other", None, f"j{at}") for at in range(50)]
    canary = next(each for each in found if each.version == "2")
    assert (await shop.service.failed(canary, shop.job(), RuntimeError())).version == "1"


@pytest.mark.parametrize(
    ("version", "fields", "cause"),
    [
        ("2", {}, InvalidImage()),  # the picture's own fault
        ("2", {"model_version": "2"}, RuntimeError()),  # this one was asked for
        ("1", {}, RuntimeError()),  # there is nothing behind it
    ],
)
async def test_only_a_canarys_own_failure_has_another_answer(shop, version, fields, cause):
    await shop.change(publish("2"), trial("2"))
    await on_trial(shop, [f"j{at}" for at in range(50)])
    model = Named("net", version)
    assert await shop.service.failed(model, shop.job(**fields), cause) is None


async def test_a_verdict_that_cannot_be_told_holds_here_and_is_told_later(shop, monkeypatch):
    await shop.change(publish("2"), trial("2"))
    canary = await on_trial(shop, [f"j{at}" for at in range(50)])
    whole, broken = shop.store.replace, asyncio.Event()

    async def replace(*given):
        if not broken.is_set():
            raise QueueUnavailable
        return await whole(*given)

    monkeypatch.setattr(shop.store, "replace", replace)
    shop.service.outdone(canary, WorkerCrashed())
    await asyncio.sleep(0.1)
    assert {await shop.who(job=f"j{at}") for at in range(50)} == {"net 1"}
    broken.set()

    async def back():
        return (await shop.index()).line("net").canary is None

    await shop.until(back)


async def test_without_the_store_a_worker_begins_with_its_folder():
    class Dead(MemoryStore):
        async def read_newer(self, key, etag):
            raise QueueUnavailable

    made = Shop(Dead())
    await made.service.open(0.05)
    assert await made.who() == "net 1"
    with pytest.raises(ModelNotFound, match="there are: net 1"):
        await made.who("other")


async def test_a_store_that_hangs_delays_a_worker_no_longer():
    made, reading = Shop(), asyncio.get_running_loop().create_future()
    async with asyncio.timeout(5):
        await made.service.open(0.05, reading)
    assert reading.cancelled()
    assert await made.who() == "net 1"


async def test_a_read_that_has_begun_is_not_made_again():
    made = Shop()
    reading = asyncio.ensure_future(made.copy.read())
    reads = []
    made.copy.read = lambda: reads.append(1)
    await made.service.open(5.0, reading)
    assert (made.copy.known, reads) == (True, [])


async def on_trial(shop, jobs):
    async def both():
        return {await shop.who(job=job) for job in jobs} == {"net 1", "net 2"}

    await shop.until(both)
    return await shop.models.find("net", "2")
