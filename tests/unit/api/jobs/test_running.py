"""What workers that were killed have left does not hide what the living have in hand."""

import pytest

from api.jobs.running import FRESH, MOST, Running
from wire.memory import MemoryStore
from wire.names import working_key
from wire.working import STALE, InHand


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(clock):
    return MemoryStore(clock)


async def tell(store, worker, *jobs):
    await store.put(working_key(worker), InHand(jobs=jobs).encode().encode())


async def looks(running, clock, job, times):
    """What it says, look after look."""
    found = []
    for _ in range(times):
        clock.now += FRESH
        found.append(await running.has(job))
    return found


async def test_what_the_killed_left_hides_nobody(store, clock):
    for dead in range(3 * MOST):
        await tell(store, f"a{dead:04d}", "lost")
    clock.now += STALE + 1
    running = Running(store, clock)
    await looks(running, clock, "live", 3)
    await tell(store, "z", "live")
    assert await looks(running, clock, "live", 5) == [True] * 5
    assert not await running.has("lost")


async def test_one_that_was_not_believed_is_when_it_tells_again(store, clock):
    for worker in range(2 * MOST):
        await tell(store, f"a{worker:04d}", "before")
    clock.now += STALE + 1
    running = Running(store, clock)
    await looks(running, clock, "after", 4)
    await tell(store, "a0007", "after")
    found = await looks(running, clock, "after", 5)
    assert found[-1]
    assert found == sorted(found)  # once it is known of, it stays so


async def test_one_look_reads_no_more_than_it_may(store, clock, monkeypatch):
    reads, read = [], store.read

    async def counted(key):
        reads.append(key)
        return await read(key)

    monkeypatch.setattr(store, "read", counted)
    for worker in range(2 * MOST):
        await tell(store, f"a{worker:04d}", "job")
    await Running(store, clock).has("job")
    assert len(reads) == MOST
