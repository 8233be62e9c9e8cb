"""Who waits for the answer to somebody else's job: one look at the store for all of them."""

import asyncio
import contextlib
from types import SimpleNamespace

import pytest

from api.idempotency import watches
from api.idempotency.claims import Claims
from api.idempotency.watches import Watches
from api.pending import Pending
from wire.errors import QueueUnavailable
from wire.memory import MemoryStore
from wire.messages import Answer
from wire.names import result_key

STALE, LOST = 55.0, 330.0


class Clock:
    now = 1e9

    def __call__(self) -> float:
        return self.now


class CountingStore(MemoryStore):
    reads = 0
    broken = False

    async def read(self, key):
        self.reads += 1
        if self.broken:
            raise QueueUnavailable
        return await super().read(key)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(clock):
    return CountingStore(clock)


@pytest.fixture
def claims(store):
    return Claims(store, LOST, STALE)


@pytest.fixture
def pending():
    return Pending(100)


@pytest.fixture
def shared(store, claims, pending, monkeypatch):
    monkeypatch.setattr(watches, "FIRST", 0.005)
    monkeypatch.setattr(watches, "LONGEST", 0.005)
    return Watches(store, claims, pending)


@pytest.fixture
def naps(monkeypatch):
    """How many others paused when a pause between two looks began, in order."""
    taken: list[int] = []
    asleep = 0

    async def sleep(seconds: float, real=asyncio.sleep) -> None:
        nonlocal asleep
        taken.append(asleep)
        asleep += 1
        await real(seconds)
        asleep -= 1

    monkeypatch.setattr(watches, "asyncio", SimpleNamespace(**vars(asyncio) | {"sleep": sleep}))
    return taken


async def answered(store, claim) -> None:
    answer = Answer(uuid=claim.uuid, image_url="https://example.com/cat.jpg")
    await store.put(result_key(claim.uuid), answer.encode().encode())


async def soon(future):
    async with asyncio.timeout(5):
        return await future


@pytest.mark.parametrize("state", ["sending", "sent"])
async def test_a_look_serves_all_who_wait(shared, store, claims, state, naps, until):
    mine = await claims.take("", "k", "print")
    if state == "sent":
        await claims.sent(mine)
    claim = await claims.again(mine)
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(shared.join(claim, state == "sending")) for _ in range(50)]
        before, rounds = store.reads, len(naps)
        await until(lambda: len(naps) >= rounds + 20)
        assert set(naps) == {0}
        # The answer, and the mark where somebody may have to send the job.
        assert store.reads - before <= 2 * (len(naps) - rounds)
        await answered(store, claim)
        told = await soon(asyncio.gather(*found))
    assert {answer.uuid for _, answer in told} == {claim.uuid}


async def test_one_that_leaves_takes_the_look_from_nobody(shared, store, claims):
    claim = await claims.again(await claims.take("", "k", "print"))
    with shared.join(claim, may_send=False) as stays:
        for _ in range(3):
            with shared.join(claim, may_send=False):
                await asyncio.sleep(0)
        await answered(store, claim)
        _, answer = await soon(stays)
    assert answer.uuid == claim.uuid


async def test_nobody_looks_for_nobody(shared, store, claims, until):
    claim = await claims.again(await claims.take("", "k", "print"))
    with shared.join(claim, may_send=False):
        assert len(shared) == 1
    await until(lambda: len(shared) == 0)
    with shared.join(claim, may_send=False) as found:
        await answered(store, claim)
        await soon(found)


async def test_a_job_that_was_not_sent_falls_to_one_of_all_who_may_send_it(shared, store, claims):
    mine = await claims.take("", "k", "print")
    claim = await claims.again(mine)
    with (
        shared.join(claim, may_send=False) as reads,
        shared.join(claim, may_send=True) as heir,
        shared.join(claim, may_send=True) as other,
    ):
        await claims.free(mine)
        taken, answer = await soon(heir)
        assert (taken.mine, taken.uuid, answer) == (True, claim.uuid, None)
        assert not reads.done()
        assert not other.done()
        await claims.free(taken)  # it could not either
        again, _ = await soon(other)
        assert again.mine
        await answered(store, claim)
        assert (await soon(reads))[1].uuid == claim.uuid


async def test_an_overdue_job_falls_to_somebody_unless_it_waits_here(
    shared, store, claims, clock, pending
):
    claim = await claims.take("", "k", "print")
    clock.now += STALE + 1
    late = await claims.again(claim)
    with pending.hold(claim.uuid, "https://example.com/"), shared.join(late, True) as found:
        before = store.reads
        async with asyncio.timeout(5):
            while store.reads < before + 9:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        assert not found.done()
    with shared.join(late, may_send=True) as found:
        taken, _ = await soon(found)
    assert (taken.mine, taken.uuid) == (True, claim.uuid)


async def test_who_takes_a_job_over_looks_for_its_answer_first(shared, store, claims, clock):
    claim = await claims.take("", "k", "print")
    clock.now += STALE + 1
    late = await claims.again(claim)
    await answered(store, claim)
    with shared.join(late, may_send=True) as found:
        _, answer = await soon(found)
    assert answer.uuid == claim.uuid
    assert (await claims.again(claim)).mark.state == "sent"


async def test_a_store_that_is_away_is_told_to_all(shared, store, claims):
    claim = await claims.again(await claims.take("", "k", "print"))
    with shared.join(claim, True) as one, shared.join(claim, False) as other:
        store.broken = True
        for found in (one, other):
            with pytest.raises(QueueUnavailable):
                await soon(found)
